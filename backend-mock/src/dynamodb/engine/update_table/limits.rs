//! What a table and its global indexes may be asked a second at most, and what they are ready to be asked.

use std::sync::Arc;

use super::super::error::Error;
use super::super::table_definition::BillingMode;
use super::super::table_settings::{OnDemandThroughput, UnitsPerSecond, WarmThroughput};
use super::super::table_status::Aspect;
use super::{Plan, UpdateTableInput};

impl Plan {
    pub(super) fn change_on_demand(&mut self, input: &UpdateTableInput) -> Result<(), Error> {
        let Some(update) = input.on_demand else { return Ok(()) };
        check_on_demand(update, None, self.definition.billing_mode, -1)?;
        let settings = Arc::make_mut(&mut self.table.settings);
        settings.on_demand = update.over(settings.on_demand);
        Ok(())
    }

    pub(super) fn change_warm(&mut self, input: &UpdateTableInput) -> Result<(), Error> {
        let Some(asked) = input.warm else { return Ok(()) };
        self.warm = Some(self.table.warm_throughput().raised(asked, "table")?);
        self.aspect = Aspect::WarmThroughput;
        Ok(())
    }
}

impl OnDemandThroughput {
    /// This change of what there is: -1 takes a maximum away.
    pub(crate) fn over(self, current: Option<Self>) -> Option<Self> {
        let laid = self.laid_over(current);
        let limit = |units: Option<i64>| units.filter(|units| *units != -1);
        let changed = Self { read: limit(laid.read), write: limit(laid.write) };
        Some(changed).filter(|changed| *changed != Self::default())
    }

    /// The same as the answer to UpdateTable shows it, with -1 where a maximum is taken away.
    pub(super) fn laid_over(self, current: Option<Self>) -> Self {
        let current = current.unwrap_or_default();
        Self { read: self.read.or(current.read), write: self.write.or(current.write) }
    }
}

impl UnitsPerSecond {
    /// What is asked for instead of this, what `of`, a table or an index, is warm for now.
    ///
    /// # Errors
    /// Less than there is cannot be asked for.
    pub(super) fn raised(self, (read, write): WarmThroughput, of: &str) -> Result<Self, Error> {
        let new = Self { read: read.unwrap_or(self.read), write: write.unwrap_or(self.write) };
        for (member, is_lower) in
            [("ReadUnitsPerSecond", new.read < self.read), ("WriteUnitsPerSecond", new.write < self.write)]
        {
            if is_lower {
                return Err(Error::invalid_parameter(format!(
                    "Requested {member} for WarmThroughput for {of} is lower than current WarmThroughput, decreasing \
                     WarmThroughput is not supported"
                )));
            }
        }
        Ok(new)
    }
}

/// Of a global index, if one is named, and else of a table.
///
/// # Errors
/// [`Error::Validation`] for a limit that is not for this billing mode, or neither positive nor `cleared_by`.
pub(crate) fn check_on_demand(
    throughput: OnDemandThroughput,
    index: Option<&str>,
    billing_mode: BillingMode,
    cleared_by: i64,
) -> Result<(), Error> {
    // The spaces are AWS's.
    let (place, of) = match index {
        None => (String::new(), "table".to_owned()),
        Some(index) => (format!(" for index: {index}"), format!("index : {index}")),
    };
    for (member, units) in throughput.members() {
        if billing_mode == BillingMode::Provisioned {
            // CreateTable and UpdateTable do not say it alike.
            let (article, end) = if index.is_none() && cleared_by != -1 { ("", ".") } else { ("the ", "") };
            return Err(Error::invalid_parameter(format!(
                "{member} for OnDemandThroughput{place} cannot be specified when {article}table BillingMode is \
                 PROVISIONED{end}"
            )));
        }
        if units < 1 && units != cleared_by {
            return Err(Error::invalid_parameter(format!(
                "Requested {member} for OnDemandThroughput for {of} is outside of valid range"
            )));
        }
    }
    Ok(())
}

impl OnDemandThroughput {
    fn members(self) -> impl Iterator<Item = (&'static str, i64)> {
        let members = [("MaxReadRequestUnits", self.read), ("MaxWriteRequestUnits", self.write)];
        members.into_iter().filter_map(|(member, units)| Some((member, units?)))
    }
}
