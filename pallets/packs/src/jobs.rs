//! Work that takes more than a block: taken up in each block, laid down at its end.
//!
//! The jobs of several packs take turns by pages, so that a large pack cannot hold up a small one.
//! A page begins while any of the block's share is left, so a block can overrun its share by one
//! page at the most.

use crate::{
    assessing::Assessing,
    pallet::{Config, Event, Jobs, Packs, Pallet},
    screening::ScreeningRun,
    weights,
};
use alloc::vec::Vec;
use assay_primitives::{pack::PackStatus, PackId};
use frame_support::{weights::Weight, BoundedVec};

/// A job that has been taken up.
// There are few of them at a time: a box each would save nothing.
#[allow(clippy::large_enum_variant)]
enum Running<T: Config> {
    Assessing(Assessing<T>),
    Screening(ScreeningRun<T>),
}

/// What a job has done with its turn.
pub(crate) struct Turn {
    pub used: Weight,
    pub finished: bool,
}

impl<T: Config> Running<T> {
    fn take_up(id: PackId) -> Option<Self> {
        match Packs::<T>::get(id)?.status {
            PackStatus::Assessing => Assessing::take_up(id).map(Running::Assessing),
            PackStatus::Screening => ScreeningRun::take_up(id).map(Running::Screening),
            _ => None,
        }
    }

    fn work_a_page(&mut self) -> Turn {
        match self {
            Running::Assessing(job) => job.work_a_page(),
            Running::Screening(job) => job.work_a_page(),
        }
    }

    fn lay_down(self) {
        match self {
            Running::Assessing(job) => job.lay_down(),
            Running::Screening(job) => job.lay_down(),
        }
    }
}

/// Lets go of a job that can't be taken up, so that its pack can have another.
fn abandon<T: Config>(id: PackId) {
    match Packs::<T>::get(id).map(|pack| pack.status) {
        Some(PackStatus::Assessing) => Pallet::<T>::set_status(id, PackStatus::Sealed),
        Some(PackStatus::Screening) => Pallet::<T>::give_up_screening(id),
        _ => {}
    }
    Pallet::<T>::deposit_event(Event::JobAbandoned { pack: id });
}

/// Works through pages until the budget is used up or no job is left. Gives what was used.
pub(crate) fn run<T: Config>(budget: Weight) -> Weight {
    let queue = Jobs::<T>::get();
    let mut used = weights::idle();
    if queue.is_empty() || used.ref_time() >= budget.ref_time() {
        return used;
    }
    let mut waiting: Vec<(PackId, Running<T>)> = Vec::new();
    for id in &queue {
        used = used.saturating_add(weights::take_up());
        match Running::take_up(*id) {
            Some(job) => waiting.push((*id, job)),
            None => abandon::<T>(*id),
        }
    }
    waiting.reverse();
    let mut served: Vec<(PackId, Running<T>)> = Vec::new();
    // A page at the least: taking up the jobs must never be all that a block does.
    let mut worked = false;
    while !worked || used.ref_time() < budget.ref_time() {
        worked = true;
        if waiting.is_empty() {
            core::mem::swap(&mut waiting, &mut served);
            waiting.reverse();
        }
        let Some((id, mut job)) = waiting.pop() else { break };
        let turn = job.work_a_page();
        used = used.saturating_add(turn.used);
        if turn.finished {
            job.lay_down();
        } else {
            served.push((id, job));
        }
    }
    // Who has not had its turn comes first in the next block.
    waiting.reverse();
    waiting.append(&mut served);
    let left = waiting.iter().map(|(id, _)| *id).collect();
    Jobs::<T>::put(BoundedVec::truncate_from(left));
    waiting.into_iter().for_each(|(_, job)| job.lay_down());
    used
}
