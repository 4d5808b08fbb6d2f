//! # Membership
//!
//! Who may do what: the organisations of the consortium with their certificates and roles, the
//! authorities that sign certificates, and the refusal of transactions that no role allows, before
//! they can cost anything.
//!
//! | call | who | does |
//! |---|---|---|
//! | `enroll` | any member | takes in the organisation of a certificate |
//! | `set_roles` | council | gives an organisation other roles |
//! | `suspend` | council | stops an organisation's transactions |
//! | `restore` | council | lets a suspended organisation act again |
//! | `confirm_roles` | council | puts roles in force that a certificate asks for |
//! | `renew` | any member | takes a later certificate of an organisation |
//! | `revoke` | council | refuses the certificate of a serial number from now on |
//! | `add_authority` | council | takes the certificates of an authority |
//! | `remove_authority` | council | takes no more of an authority, and revokes those there are |
//! | `set_quota` | council | sets the compute an hour, of everybody or of one organisation |
//! | `set_nodes` | any member | names its own nodes, which others let in |
//!
//! Organisations that are active, not revoked, and hold the role `COUNCIL` in force are the
//! council: each change is told to `Config::CouncilChanged`, and none may leave it empty. A certificate that
//! has ended stops its member's transactions but a renewal, and nothing else: neither its seat, nor
//! its validator, nor its nodes.
//!
//! Assumptions: [`extension::CheckMembership`] is part of every transaction; an account is the key
//! of one organisation and stays it.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

extern crate alloc;

mod authorities;
mod enrolment;
mod expiry;
pub mod extension;
mod faults;
mod genesis;
mod impls;
pub mod migrations;
mod nodes;
mod quota;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{
    CallRoles, RevokedSerials, DEFAULT_QUOTA_MILLIS, MAX_AUTHORITIES, MAX_AUTHORITIES_OF_ONE_NAME,
    MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS, MAX_REVOKED, WARNING_DAYS,
};

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{weights, RevokedSerials};
    use alloc::{string::String, vec::Vec};
    use assay_primitives::{
        member::{
            Authority, CertificateBytes, NodeKey, NodeKeys, Organisation, Roles, Serial, Status,
            Usage,
        },
        AccountId, AuthorityId, Name, OrganisationId,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{ChangeMembers, UnixTime},
        weights::WeightMeter,
    };
    use frame_system::pallet_prelude::*;

    /// 1: organisations have certificates.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// The council's decision.
        type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Is told the council's members, sorted, whenever they change.
        type CouncilChanged: ChangeMembers<AccountId>;
        /// Which roles may send a call.
        type CallRoles: crate::CallRoles<<Self as frame_system::Config>::RuntimeCall>;
        /// The block's time.
        type Clock: UnixTime;
    }

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Organisations by account; at most [`crate::MAX_ORGANISATIONS`].
    #[pallet::storage]
    pub type Organisations<T> = CountedStorageMap<_, Blake2_128Concat, AccountId, Organisation>;

    /// Number of the next organisation.
    #[pallet::storage]
    pub type NextId<T> = StorageValue<_, OrganisationId, ValueQuery>;

    /// Authorities whose certificates are taken; at most [`crate::MAX_AUTHORITIES`].
    #[pallet::storage]
    pub type Authorities<T> = CountedStorageMap<_, Twox64Concat, AuthorityId, Authority>;

    /// Number of the next authority.
    #[pallet::storage]
    pub type NextAuthority<T> = StorageValue<_, AuthorityId, ValueQuery>;

    /// Serial numbers that the certificates of each authority may not have.
    #[pallet::storage]
    pub type Revoked<T> = StorageMap<_, Twox64Concat, AuthorityId, RevokedSerials, ValueQuery>;

    /// Milliseconds of compute an hour of each organisation that has no quota of its own.
    #[pallet::storage]
    pub type Quota<T> = StorageValue<_, u32, ValueQuery, ConstU32<{ crate::DEFAULT_QUOTA_MILLIS }>>;

    /// What each organisation used of its quota in the last hour in which it used any.
    #[pallet::storage]
    pub type Usages<T> = StorageMap<_, Blake2_128Concat, AccountId, Usage, ValueQuery>;

    /// The nodes of each organisation, which others let in.
    #[pallet::storage]
    pub type Nodes<T> = StorageMap<_, Blake2_128Concat, AccountId, NodeKeys, ValueQuery>;

    /// The hour since 1970 in which the ends of certificates were last looked at.
    #[pallet::storage]
    pub type WarnedHour<T> = StorageValue<_, u32, ValueQuery>;

    /// What a chain begins with; one member at least is the council.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The certificates of authorities, DER encoded.
        pub authorities: Vec<Vec<u8>>,
        /// The certificates of members, DER encoded; all roles that they name are in force.
        pub members: Vec<Vec<u8>>,
        /// Account, name and roles of members without a certificate; for development only.
        pub organisations: Vec<(T::AccountId, String, Roles)>,
        /// The nodes of members.
        pub nodes: Vec<(T::AccountId, Vec<NodeKey>)>,
        /// Milliseconds of compute an hour of each member; 0 for the usual quota.
        pub quota_millis: u32,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            self.begin();
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An organisation was taken in. Its other roles await the council's confirmation.
        Enrolled {
            organisation: OrganisationId,
            account: T::AccountId,
            name: Name,
            roles: Roles,
            awaiting: Roles,
        },
        /// An organisation has a later certificate.
        Renewed {
            organisation: OrganisationId,
            account: T::AccountId,
            name: Name,
            roles: Roles,
            awaiting: Roles,
        },
        /// An organisation has other roles.
        RolesSet {
            organisation: OrganisationId,
            account: T::AccountId,
            before: Roles,
            roles: Roles,
        },
        /// Roles that a certificate asks for are in force.
        RolesConfirmed { organisation: OrganisationId, account: T::AccountId, roles: Roles },
        /// An organisation may not act any more.
        Suspended { organisation: OrganisationId, account: T::AccountId },
        /// A suspended organisation may act again.
        Restored { organisation: OrganisationId, account: T::AccountId },
        /// A certificate of that serial number is not taken any more; whose it is, if a member's.
        Revoked { authority: AuthorityId, serial: Serial, account: Option<T::AccountId> },
        /// The certificates of an authority are taken.
        AuthorityAdded { authority: AuthorityId, name: Name },
        /// The certificates of an authority are not taken any more; those of so many members are
        /// revoked.
        AuthorityRemoved { authority: AuthorityId, name: Name, members: u32 },
        /// Everybody, or an organisation, has another quota; none when it has everybody's.
        QuotaSet { account: Option<T::AccountId>, millis: Option<u32> },
        /// An organisation has so many nodes.
        NodesSet { organisation: OrganisationId, account: T::AccountId, nodes: u32 },
        /// An organisation's certificate ends in so many days or fewer.
        CertificateExpiring { organisation: OrganisationId, account: T::AccountId, days: u8 },
        /// An organisation's certificate has ended, and its transactions with it.
        CertificateExpired { organisation: OrganisationId, account: T::AccountId },
        /// An authority's certificate ends in so many days or fewer: then it makes and renews none.
        AuthorityExpiring { authority: AuthorityId, name: Name, days: u8 },
        /// An authority's certificate has ended; those that it signed before hold until their ends.
        AuthorityExpired { authority: AuthorityId, name: Name },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// An organisation has this account or this name already: an organisation that is enrolled
        /// renews its certificate.
        AlreadyExists,
        /// No organisation has this account.
        NotFound,
        /// At least one role is needed, and only roles that there are.
        InvalidRoles,
        /// There are as many organisations as there may be.
        TooManyOrganisations,
        /// The council has as many members as it may have.
        CouncilFull,
        /// The council would be left without members: give another organisation the role first.
        LastCouncilMember,
        /// The organisation is suspended already.
        AlreadySuspended,
        /// The organisation is not suspended.
        NotSuspended,
        /// The signer belongs to no organisation.
        NotAMember,
        /// The signer's organisation is suspended.
        Suspended,
        /// The signer's organisation has none of the roles that this needs.
        NotPermitted,
        /// The certificate has more than 4096 bytes.
        CertificateTooLarge,
        /// The certificate is not in DER, or broken, or a name in it is not UTF-8.
        CertificateMalformed,
        /// The certificate is not of version 3: OpenSSL makes that when it is given extensions.
        NotVersion3,
        /// The authority's key is neither Ed25519 nor ECDSA on P-256.
        UnsupportedKey,
        /// The certificate is signed neither by Ed25519 nor by ECDSA with SHA-256.
        UnsupportedSignature,
        /// The signature is wrong: an authority of the consortium signs a member's certificate, and
        /// an authority its own.
        BadSignature,
        /// The authority's certificate is not signed by itself.
        NotSelfSigned,
        /// The certificate is not an authority's: it needs the basic constraint CA.
        NotAnAuthority,
        /// The certificate is an authority's, not a member's.
        IsAnAuthority,
        /// An authority's certificate needs the key usage keyCertSign, and a member's
        /// digitalSignature when it has any.
        KeyUsage,
        /// The certificate has a critical extension other than basic constraints and key usage.
        UnknownCriticalExtension,
        /// The certificate ends before it begins.
        BadValidity,
        /// The serial number is not a positive number of at most 20 bytes without leading zeros.
        SerialInvalid,
        /// The certificate's subject has no organisation name (O).
        NameMissing,
        /// The certificate's subject has a name of more than 64 bytes.
        NameTooLong,
        /// The certificate's subject has a name with control characters.
        NameUnprintable,
        /// The certificate names no role: each is an organisational unit (OU).
        NoRoles,
        /// An organisational unit (OU) of the certificate is not a role.
        UnknownRole,
        /// The member's key in the certificate is not Ed25519.
        NotAnAccountKey,
        /// The certificate, or its authority's, has ended.
        CertificateExpired,
        /// The certificate, or its authority's, does not hold yet.
        CertificateNotYetValid,
        /// The certificate is revoked.
        CertificateRevoked,
        /// An organisation has a certificate of this serial number already.
        CertificateUsed,
        /// The new certificate does not end later than the present one.
        CertificateNotLater,
        /// The new certificate is of another authority than the present one: only one of the same
        /// name may follow, unless the present authority was removed.
        OtherAuthority,
        /// The organisation's certificate does not ask for all of these roles, or they hold.
        RolesNotAwaiting,
        /// No authority has this number.
        AuthorityNotFound,
        /// An authority has this key already: remove it first.
        AuthorityExists,
        /// There are as many authorities as there may be, or four of this name: remove one first.
        TooManyAuthorities,
        /// The serial number is revoked already.
        AlreadyRevoked,
        /// The authority has as many revoked serial numbers as it may have: replace it.
        TooManyRevoked,
        /// A node is named twice.
        NodeTwice,
        /// A node belongs to another organisation.
        NodeTaken,
        /// An organisation without a certificate hands in its first itself.
        NotItself,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes in the organisation of a certificate: its subject's key is the account that signs
        /// for it. Roles that need the council's confirmation await it; the others are in force.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::enroll())]
        pub fn enroll(origin: OriginFor<T>, certificate: CertificateBytes) -> DispatchResult {
            Self::ensure_member(&ensure_signed(origin)?)?;
            let event = Self::take_in_certified(&certificate)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Gives an organisation other roles, in place of all that it has and that await
        /// confirmation.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::change())]
        pub fn set_roles(
            origin: OriginFor<T>,
            account: T::AccountId,
            roles: Roles,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            ensure!(roles.is_valid(), Error::<T>::InvalidRoles);
            let mut changed = Self::known(&account)?;
            let organisation = changed.id;
            let before = core::mem::replace(&mut changed.roles, roles);
            changed.awaiting = Roles::NONE;
            Self::store(&account, changed)?;
            Self::deposit_event(Event::RolesSet { organisation, account, before, roles });
            Ok(())
        }

        /// Stops an organisation's transactions.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::change())]
        pub fn suspend(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let mut changed = Self::known(&account)?;
            ensure!(changed.status == Status::Active, Error::<T>::AlreadySuspended);
            changed.status = Status::Suspended;
            let organisation = changed.id;
            Self::store(&account, changed)?;
            Self::deposit_event(Event::Suspended { organisation, account });
            Ok(())
        }

        /// Lets a suspended organisation act again, in the roles that it has.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::change())]
        pub fn restore(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let mut changed = Self::known(&account)?;
            ensure!(changed.status == Status::Suspended, Error::<T>::NotSuspended);
            changed.status = Status::Active;
            let organisation = changed.id;
            Self::store(&account, changed)?;
            Self::deposit_event(Event::Restored { organisation, account });
            Ok(())
        }

        /// Puts roles in force that an organisation's certificate asks for.
        #[pallet::call_index(4)]
        #[pallet::weight(weights::change())]
        pub fn confirm_roles(
            origin: OriginFor<T>,
            account: T::AccountId,
            roles: Roles,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let organisation = Self::confirm(&account, roles)?;
            Self::deposit_event(Event::RolesConfirmed { organisation, account, roles });
            Ok(())
        }

        /// Takes a later certificate of an organisation in place of the present one. Confirmed
        /// roles that it names stay in force unless the present one is revoked; new ones that need
        /// confirmation await it. Its first certificate an organisation hands in itself.
        #[pallet::call_index(5)]
        #[pallet::weight(weights::enroll())]
        pub fn renew(origin: OriginFor<T>, certificate: CertificateBytes) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::ensure_member(&who)?;
            let event = Self::replace_certificate(&who, &certificate)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Takes the certificate of that serial number no more, whether a member has it or not.
        #[pallet::call_index(6)]
        #[pallet::weight(weights::revoke())]
        pub fn revoke(
            origin: OriginFor<T>,
            authority: AuthorityId,
            serial: Serial,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let account = Self::revoke_serial(authority, &serial)?;
            Self::deposit_event(Event::Revoked { authority, serial, account });
            Ok(())
        }

        /// Takes the certificates of an authority, whose own is self-signed.
        #[pallet::call_index(7)]
        #[pallet::weight(weights::add_authority())]
        pub fn add_authority(
            origin: OriginFor<T>,
            certificate: CertificateBytes,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let (authority, name) = Self::take_authority(certificate, Some(Self::now_secs()))?;
            Self::deposit_event(Event::AuthorityAdded { authority, name });
            Ok(())
        }

        /// Takes the certificates of an authority no more; those that members have are revoked. Its
        /// revoked serial numbers are forgotten with it.
        #[pallet::call_index(8)]
        #[pallet::weight(weights::remove_authority())]
        pub fn remove_authority(origin: OriginFor<T>, authority: AuthorityId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let (name, members) = Self::drop_authority(authority)?;
            Self::deposit_event(Event::AuthorityRemoved { authority, name, members });
            Ok(())
        }

        /// Sets the compute an hour in milliseconds: without an account everybody's, of which none
        /// is the usual one; with it the account's, of which none is everybody's.
        #[pallet::call_index(9)]
        #[pallet::weight(weights::set_quota())]
        pub fn set_quota(
            origin: OriginFor<T>,
            account: Option<T::AccountId>,
            millis: Option<u32>,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            Self::put_quota(account.as_ref(), millis)?;
            Self::deposit_event(Event::QuotaSet { account, millis });
            Ok(())
        }

        /// Names the signer's nodes, in place of those that it named before.
        #[pallet::call_index(10)]
        #[pallet::weight(weights::set_nodes())]
        pub fn set_nodes(origin: OriginFor<T>, nodes: NodeKeys) -> DispatchResult {
            let account = ensure_signed(origin)?;
            let organisation = Self::ensure_member(&account)?;
            let nodes = Self::put_nodes(&account, nodes)?;
            Self::deposit_event(Event::NodesSet { organisation, account, nodes });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
            Self::warn_of_ends(meter);
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }
}
