//! Contributor insights: whether they are enabled, for a table and for each of its indexes. Nothing is counted.

use std::sync::Arc;
use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_settings::ContributorInsights;

impl Engine {
    /// The insights of a table or one of its indexes; those that were never switched on are `None`.
    pub(crate) fn contributor_insights(
        &self,
        table_name: &str,
        index: Option<&str>,
    ) -> Result<(Table, Option<ContributorInsights>), Error> {
        let table = self.describe_table(table_name)?;
        if let Some(name) = index
            && !table.indexes.iter().any(|index| *index.definition.name == *name)
        {
            return Err(Error::ResourceNotFound(format!(
                "Requested resource not found: Index: {name} not found"
            )));
        }
        let is_asked = |insights: &&ContributorInsights| insights.index.as_deref() == index;
        let found = table.settings.insights.iter().find(is_asked).cloned();
        Ok((table, found))
    }

    pub(crate) fn update_contributor_insights(
        &mut self,
        table_name: &str,
        insights: ContributorInsights,
    ) -> Result<Arc<str>, Error> {
        let (table, _) = self.contributor_insights(table_name, insights.index.as_deref())?;
        table.check_not_in_use()?;
        let name = table.definition.name.clone();
        if let Some(table) = self.tables.get_mut(&name) {
            let kept = &mut Arc::make_mut(&mut table.settings).insights;
            kept.retain(|kept| kept.index != insights.index);
            kept.push(insights);
        }
        Ok(name)
    }

    /// Every table and index whose insights have been switched, by table.
    pub(crate) fn all_contributor_insights(
        &self,
        table_name: Option<&str>,
    ) -> impl Iterator<Item = (&Arc<str>, &ContributorInsights)> {
        let wanted = table_name.map(|name| self.table_name(name).to_owned());
        let tables = self.tables.iter();
        tables
            .filter(move |(name, _)| wanted.as_ref().is_none_or(|wanted| ***name == **wanted))
            .flat_map(|(name, table)| table.settings.insights.iter().map(move |insights| (name, insights)))
    }
}

impl ContributorInsights {
    /// What insights look like that were never switched on.
    pub(crate) fn disabled(index: Option<&str>) -> Self {
        Self {
            index: index.map(Arc::from),
            is_enabled: false,
            mode: "ACCESSED_AND_THROTTLED_KEYS".into(),
            updated: SystemTime::UNIX_EPOCH,
        }
    }
}
