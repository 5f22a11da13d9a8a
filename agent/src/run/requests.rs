//! What the API asks of the loop.

use super::turn::Loop;
use crate::clock;
use crate::outbox::Stage;
use crate::request::{Refused, Request};
use hostward_engine::{Acknowledgement, Alert, Input, State};
use tokio::sync::oneshot;

impl Loop {
    /// Answers at once, or when what was said is on disk. A question that nobody waits for any more costs nothing.
    pub(super) fn request(&mut self, request: Request) {
        if request.is_abandoned() {
            return;
        }
        match request {
            Request::Recall { selectors, reply } => drop(reply.send(self.engine.excerpt(&selectors))),
            Request::Series { selectors, reply } => drop(reply.send(self.engine.series_of(&selectors))),
            Request::Baselines { part, reply } => {
                let meant = self.engine.learnt().filter(|own| own.series.to_string().contains(&part));
                drop(reply.send(meant.collect()));
            }
            Request::Course { series, back_ms, reply } => {
                drop(reply.send(self.engine.course(&series, back_ms)));
            }
            Request::Amend { series, amend, reply } => {
                self.handle(clock::now(), Input::Amend { series: &series, amend });
                let _ = reply.send(());
            }
            Request::Workflow(order) => self.parts.workflows.order(order),
            Request::Want { wanted, reply } => self.parts.responder.want(wanted, reply),
            Request::Step { mut asked, by_root, reply } => {
                let outbox = &self.parts.taken.config.outbox;
                asked.four_eyes = outbox.four_eyes;
                if by_root || is_decision(asked.step.stage) && outbox.approvers.contains(&asked.step.by) {
                    self.parts.responder.step(asked, reply);
                } else {
                    let who = if is_decision(asked.step.stage) {
                        "root or one of outbox.approvers"
                    } else {
                        "root"
                    };
                    let _ = reply.send(Err(format!("only {who} may do that; you are {}", asked.step.by)));
                }
            }
            Request::Acknowledge { acknowledgement, reply } => self.acknowledge(acknowledgement, reply),
        }
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement, reply: oneshot::Sender<Result<(), Refused>>) {
        let open = |alert: &Alert| {
            alert.id == acknowledgement.alert && matches!(alert.state, State::Pending | State::Firing)
        };
        if !self.engine.view().alerts.iter().any(open) {
            let _ = reply.send(Err(Refused::Unknown));
            return;
        }
        self.ledger.answer_when_written(reply);
        self.handle(clock::now(), Input::Acknowledge(acknowledgement));
    }
}

/// What people decide; the other steps are what `hostward apply` reports.
fn is_decision(stage: Stage) -> bool {
    matches!(stage, Stage::Approved | Stage::Rejected)
}
