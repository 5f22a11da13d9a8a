//! Taking another configuration while running.

use super::Taken;
use super::rulings::Rulings;
use super::turn::Loop;
use crate::clock;
use crate::config::Config;
use crate::hostname::host_name;
use crate::receiver::Settings;
use crate::sampler::Plan;

impl Loop {
    /// Takes what was read, unless something is wrong with it: then the old configuration goes on.
    pub(super) fn reloaded(&mut self, taken: Result<Box<Taken>, String>) {
        match taken {
            Ok(taken) if taken.complaints.is_empty() => self.take(*taken),
            Ok(taken) => self.refuse(&taken.complaints),
            Err(error) => self.refuse(&[error]),
        }
        self.parts.notifier.tell("READY=1");
    }

    fn refuse(&mut self, complaints: &[String]) {
        self.parts.vitals.reloaded(None);
        complaints.iter().for_each(|complaint| tracing::error!("{complaint}"));
        tracing::error!("the new configuration is not taken; the old one goes on");
    }

    fn take(&mut self, taken: Taken) {
        self.parts.vitals.reloaded(Some(clock::now().wall_ms));
        let old = std::mem::replace(&mut self.parts.taken, taken);
        let new = &self.parts.taken;
        let same_config = old.config == new.config;
        if same_config && old.texts == new.texts {
            tracing::info!("the configuration is unchanged");
            return;
        }
        warn_of_restart(&old.config, &new.config);
        if !same_config {
            self.reconfigure(&old.config);
        }
        self.rulings = Rulings::default();
        self.tell_rules();
        tracing::info!("the new configuration is taken");
    }

    fn reconfigure(&mut self, old: &Config) {
        let config = &self.parts.taken.config;
        self.parts.responder.set(config);
        self.parts.receivers.set(Settings::of(config, &host_name()));
        if old.sampling != config.sampling || old.probes != config.probes {
            self.parts.sampler.replan(Plan::new(config, self.parts.options.root.clone()));
        }
        if old.plugins != config.plugins {
            self.parts.plugins.replan(&config.plugins, &self.parts.state_dir);
        }
        if old.audit != config.audit {
            self.parts.auditing.replan(&config.audit);
        }
        if old.engine != config.engine
            || old.anomaly != config.anomaly
            || old.sampling.interval != config.sampling.interval
            || old.rules.evaluation != config.rules.evaluation
            || old.rules.budget != config.rules.budget
        {
            self.engine.set_settings(config.settings());
        }
    }
}

fn warn_of_restart(old: &Config, new: &Config) {
    if old.listen != new.listen {
        tracing::warn!("[listen] has changed; that needs a restart");
    }
    if old.history != new.history {
        tracing::warn!("[history] has changed; that needs a restart");
    }
    if old.log != new.log {
        tracing::warn!("[log] has changed; that needs a restart");
    }
}
