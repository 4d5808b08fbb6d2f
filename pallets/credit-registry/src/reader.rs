//! Merged profiles for those who assess (rules, section 2).

use crate::{registry::Cursor, Config};
use alloc::vec::Vec;
use assay_primitives::{
    credit::StoredRelation, traits::ProfileReader, SchemaId, Subject, UnixSecs,
};
use assay_risk::profile::{merge, propagate, Policy, Profile};

/// Reads profiles under one policy at one time.
pub struct Reader<T> {
    policy: Policy,
    schema: SchemaId,
    feature_count: usize,
    now_secs: UnixSecs,
    near: Cursor<T>,
    /// Neighbours lie anywhere: reading them must not move the cursor that runs with the pack.
    far: Cursor<T>,
    profile: Profile,
    relations: Vec<StoredRelation>,
}

impl<T: Config> Reader<T> {
    /// A reader of profiles in a schema of so many features.
    pub fn new(policy: Policy, schema: SchemaId, feature_count: usize, now_secs: UnixSecs) -> Self {
        Reader {
            policy,
            schema,
            feature_count,
            now_secs,
            near: Cursor::default(),
            far: Cursor::default(),
            profile: Profile::default(),
            relations: Vec::new(),
        }
    }

    fn own(&mut self, subject: &Subject) -> bool {
        self.relations.clear();
        let Some((bucket, position)) = self.near.find(subject) else { return false };
        let found = merge(
            &self.policy,
            self.schema,
            self.feature_count,
            self.now_secs,
            bucket.reports(position),
            &mut self.profile,
        );
        if !found && self.policy.propagation.is_some() {
            self.relations.extend_from_slice(bucket.relations(position));
        }
        found
    }

    fn neighbours(&mut self, max_distance: u8) -> Vec<(u8, Profile)> {
        let mut neighbours = Vec::new();
        for relation in self.relations.iter().filter(|relation| relation.distance <= max_distance) {
            let Some((bucket, position)) = self.far.find(&relation.other) else { continue };
            let mut profile = Profile::default();
            if merge(
                &self.policy,
                self.schema,
                self.feature_count,
                self.now_secs,
                bucket.reports(position),
                &mut profile,
            ) {
                neighbours.push((relation.distance, profile));
            }
        }
        neighbours
    }
}

impl<T: Config> ProfileReader for Reader<T> {
    fn profile(&mut self, subject: &Subject) -> Option<&Profile> {
        if self.own(subject) {
            return Some(&self.profile);
        }
        let neighbours = self.neighbours(self.policy.propagation?);
        propagate(
            self.feature_count,
            neighbours.iter().map(|(distance, profile)| (*distance, profile)),
            &mut self.profile,
        )
        .then_some(&self.profile)
    }

    fn reads(&self) -> u32 {
        self.near.reads().saturating_add(self.far.reads())
    }
}
