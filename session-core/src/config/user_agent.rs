//! Who asks: what the `user-agent` header says of the program.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::app_name::AppName;

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

const HEADER: &str = "user-agent";

impl ClientConfigBuilder {
    /// The name of the application, which the `user-agent` header carries as `app/…`: letters, digits and
    /// `` !#$%&'*+-.^_`|~ ``, best no more than 50 of them.
    pub fn user_agent_appid(mut self, name: impl Into<String>) -> Self {
        self.settings.user_agent_appid = Some(name.into());
        self
    }

    /// A text that follows the SDK's own in the `user-agent` header, such as `my-tool/1.2`: printable ASCII.
    pub fn user_agent_extra(mut self, extra: impl Into<String>) -> Self {
        self.settings.user_agent_extra = Some(extra.into());
        self
    }

    /// The whole `user-agent` header, in place of the SDK's: printable ASCII.
    pub fn user_agent(mut self, whole: impl Into<String>) -> Self {
        self.settings.user_agent = Some(whole.into());
        self
    }
}

impl ClientConfig {
    /// The name of the application, where said.
    pub fn user_agent_appid(&self) -> Option<&str> {
        self.settings.user_agent_appid.as_deref()
    }

    /// What follows the SDK's own text, where said.
    pub fn user_agent_extra(&self) -> Option<&str> {
        self.settings.user_agent_extra.as_deref()
    }

    /// The whole header, where said.
    pub fn user_agent(&self) -> Option<&str> {
        self.settings.user_agent.as_deref()
    }

    /// Writes the header as it was said; `None` where the SDK's own will do.
    pub(crate) fn user_agent_interceptor(&self) -> Option<SharedInterceptor> {
        let Settings { user_agent, user_agent_extra, .. } = &self.settings;
        if user_agent.is_none() && user_agent_extra.is_none() {
            return None;
        }
        let (whole, extra) = (user_agent.clone(), user_agent_extra.clone());
        Some(SharedInterceptor::new(UserAgent { whole, extra }))
    }
}

impl Settings {
    pub(super) fn check_user_agent(&self) -> Result<(), Error> {
        let refuse = |name: &str, text: &str, allowed: &str| {
            let message = format!("{name} `{}` {allowed}", text.escape_debug());
            Err(Error::new(ErrorKind::InvalidConfig, message))
        };
        if self.app_name().is_none()
            && let Some(name) = &self.user_agent_appid
        {
            return refuse(
                "user_agent_appid",
                name,
                "may only have letters, digits and !#$%&'*+-.^_`|~, and not be empty",
            );
        }
        for (name, text) in [("user_agent_extra", &self.user_agent_extra), ("user_agent", &self.user_agent)] {
            if let Some(text) = text
                && (text.trim().is_empty() || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')))
            {
                return refuse(name, text, "must be printable ASCII, and not be empty");
            }
        }
        Ok(())
    }

    pub(super) fn app_name(&self) -> Option<AppName> {
        AppName::new(self.user_agent_appid.clone()?).ok()
    }
}

/// Changes the header after signing, which does not cover it.
#[derive(Debug)]
struct UserAgent {
    whole: Option<String>,
    extra: Option<String>,
}

#[dyn_dispatch_hint]
impl Intercept for UserAgent {
    fn name(&self) -> &'static str {
        "UserAgent"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let own = self.whole.as_deref().or(headers.get(HEADER)).unwrap_or_default();
        let told = match &self.extra {
            // A retry finds what its predecessor wrote.
            Some(extra) if !own.ends_with(extra.as_str()) => format!("{own} {extra}"),
            _ => own.to_owned(),
        };
        headers.insert(HEADER, told.trim_start().to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_no_header_can_carry_are_refused_by_name() {
        let builder = ClientConfig::builder;
        for (wrong, told) in [
            (builder().user_agent_appid("my app"), "user_agent_appid `my app`"),
            (builder().user_agent_appid(""), "user_agent_appid ``"),
            (builder().user_agent_extra("a\r\nb: c"), "user_agent_extra `a\\r\\nb: c`"),
            (builder().user_agent(" "), "user_agent ` `"),
        ] {
            let error = wrong.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}
