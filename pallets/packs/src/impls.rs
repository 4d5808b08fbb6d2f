//! What the calls need, and what a security needs of a pack.

use crate::{
    assessing::{new_assessment, Terms},
    bitmap,
    pallet::{
        Assessments, Config, Error, Jobs, Packs, Pallet, Removals, RunningScreenings, Screenings,
    },
    screening::{request_error, ScreeningJob},
};
use assay_primitives::{
    pack::{Assessment, Pack, PackFigures, PackStatus, PackTerms, Page, MAX_PAGES, MAX_PAGE_LOANS},
    traits::{CreditProfiles, ScoringContracts, ScreenedPacks},
    AccountId, ContractId, Minor, PackId, PolicyId, Subject,
};
use assay_risk::screening::{Request, Screening};
use frame_support::{dispatch::DispatchResult, ensure, traits::UnixTime};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    pub(crate) fn check_terms(terms: &PackTerms) -> Result<(), Error<T>> {
        ensure!(!terms.name.is_empty(), Error::<T>::NameEmpty);
        ensure!(core::str::from_utf8(&terms.name).is_ok(), Error::<T>::NameNotUtf8);
        ensure!(terms.currency.iter().all(u8::is_ascii_uppercase), Error::<T>::CurrencyUnknown);
        ensure!(terms.cut_off_secs <= T::Clock::now().as_secs(), Error::<T>::CutOffInFuture);
        Ok(())
    }

    pub(crate) fn new_pack(originator: AccountId, terms: PackTerms) -> Pack {
        Pack {
            originator,
            terms,
            status: PackStatus::Open,
            loans: 0,
            pages: 0,
            principal_minor: 0,
            last_subject: Subject::default(),
            assessments: 0,
        }
    }

    /// The pack, when the signer opened it and its tape may still change.
    pub(crate) fn changeable(origin: OriginFor<T>, pack: PackId) -> Result<Pack, DispatchError> {
        let who = ensure_signed(origin)?;
        let entry = Packs::<T>::get(pack).ok_or(Error::<T>::PackNotFound)?;
        ensure!(entry.originator == who, Error::<T>::NotOriginator);
        ensure!(entry.status == PackStatus::Open, Error::<T>::PackSealed);
        Ok(entry)
    }

    /// Takes a page into the pack's count and total; gives its loans.
    pub(crate) fn append(pack: &mut Pack, number: u32, page: &Page) -> Result<u32, Error<T>> {
        ensure!(number >= pack.pages, Error::<T>::PageExists);
        ensure!(number == pack.pages, Error::<T>::PageOutOfOrder);
        ensure!(number < MAX_PAGES, Error::<T>::TooManyPages);
        // A loan's index on the tape follows from its page and its place there.
        let full = pack.pages.saturating_mul(MAX_PAGE_LOANS);
        ensure!(pack.loans == full, Error::<T>::PageNotFull);
        let loans = Self::check_page(page)?;
        let first = page.subjects.first().ok_or(Error::<T>::PageEmpty)?;
        ensure!(*first >= pack.last_subject, Error::<T>::PageNotSorted);
        let total = page
            .principals
            .iter()
            .try_fold(pack.principal_minor, |total: Minor, principal| {
                total.checked_add(principal.0)
            })
            .ok_or(Error::<T>::TotalTooLarge)?;
        pack.last_subject = *page.subjects.last().unwrap_or(first);
        pack.principal_minor = total;
        pack.loans = pack.loans.saturating_add(loans);
        pack.pages = pack.pages.saturating_add(1);
        Ok(loans)
    }

    fn check_page(page: &Page) -> Result<u32, Error<T>> {
        let length = page.subjects.len();
        let loans = u32::try_from(length).map_err(|_| Error::<T>::PageTooLarge)?;
        ensure!(loans > 0, Error::<T>::PageEmpty);
        ensure!(loans <= MAX_PAGE_LOANS, Error::<T>::PageTooLarge);
        let columns = [
            page.principals.len(),
            page.rates_ppb.len(),
            page.originated_days.len(),
            page.matures_days.len(),
        ];
        ensure!(columns.iter().all(|column| *column == length), Error::<T>::PageUneven);
        ensure!(page.defaulted.len() == bitmap::bytes(length), Error::<T>::PageUneven);
        ensure!(page.subjects.is_sorted(), Error::<T>::PageNotSorted);
        ensure!(page.principals.iter().all(|principal| principal.0 > 0), Error::<T>::PrincipalZero);
        ensure!(
            page.originated_days.iter().zip(&page.matures_days).all(|(from, to)| from <= to),
            Error::<T>::MaturityBeforeOrigination
        );
        Ok(loans)
    }

    pub(crate) fn start_assessment(
        requested_by: AccountId,
        id: PackId,
        contract_id: ContractId,
        policy: PolicyId,
    ) -> Result<Assessment, DispatchError> {
        let mut pack = Packs::<T>::get(id).ok_or(Error::<T>::PackNotFound)?;
        Self::ensure_free(pack.status)?;
        let contract = T::Contracts::active(&contract_id)?;
        let (_, policy_version) = T::Profiles::policy(&policy).ok_or(Error::<T>::PolicyNotFound)?;
        ensure!(T::Profiles::feature_count(contract.schema).is_some(), Error::<T>::SchemaNotFound);
        Self::queue(id)?;
        let number = pack.assessments;
        let terms =
            Terms { requested_by, contract_id, contract: &contract, policy, policy_version };
        let assessment = new_assessment::<T>(number, terms);
        pack.assessments = number.saturating_add(1);
        pack.status = PackStatus::Assessing;
        Packs::<T>::insert(id, pack);
        Assessments::<T>::insert(id, number, &assessment);
        Screenings::<T>::remove(id);
        Ok(assessment)
    }

    pub(crate) fn start_screening(id: PackId, request: Request) -> DispatchResult {
        let mut pack = Packs::<T>::get(id).ok_or(Error::<T>::PackNotFound)?;
        Self::ensure_free(pack.status)?;
        ensure!(pack.status != PackStatus::Sealed, Error::<T>::PackNotAssessed);
        let assessment = Self::latest(id, &pack).ok_or(Error::<T>::PackNotAssessed)?;
        let contract = T::Contracts::started(&assessment.contract)?;
        let state = Screening::new(
            &request,
            contract.orientation,
            contract.score_min,
            contract.score_max,
            &assessment.histogram,
            Some(&contract.calibration),
        )
        .map_err(request_error::<T>)?;
        Self::queue(id)?;
        pack.status = PackStatus::Screening;
        Packs::<T>::insert(id, pack);
        RunningScreenings::<T>::insert(id, ScreeningJob::new(request, state));
        Ok(())
    }

    /// Whether a pack may be assessed or screened now.
    fn ensure_free(status: PackStatus) -> Result<(), Error<T>> {
        match status {
            PackStatus::Open => Err(Error::<T>::PackNotSealed),
            PackStatus::Assessing => Err(Error::<T>::AssessmentRunning),
            PackStatus::Screening => Err(Error::<T>::ScreeningRunning),
            PackStatus::Accepted | PackStatus::Issued => Err(Error::<T>::PackAccepted),
            PackStatus::Sealed | PackStatus::Assessed | PackStatus::Screened => Ok(()),
        }
    }

    fn queue(id: PackId) -> Result<(), Error<T>> {
        Jobs::<T>::try_mutate(|jobs| jobs.try_push(id)).map_err(|_| Error::<T>::TooManyJobs)
    }

    /// The assessment begun last.
    pub(crate) fn latest(id: PackId, pack: &Pack) -> Option<Assessment> {
        Assessments::<T>::get(id, pack.assessments.checked_sub(1)?)
    }

    pub(crate) fn removed(id: PackId, page: u32) -> assay_primitives::pack::Bitmap {
        Removals::<T>::get(id, page)
    }

    /// The figures of a screened pack.
    pub(crate) fn screened_figures(id: PackId) -> Result<PackFigures, Error<T>> {
        let pack = Packs::<T>::get(id).ok_or(Error::<T>::PackNotFound)?;
        let assessment = Self::latest(id, &pack).ok_or(Error::<T>::PackNotAssessed)?;
        let job = Screenings::<T>::get(id).ok_or(Error::<T>::PackNotScreened)?;
        Self::figures_of(&pack, &assessment, &job).ok_or(Error::<T>::PackNotScreened)
    }

    fn ensure_screened(status: PackStatus) -> Result<(), Error<T>> {
        match status {
            PackStatus::Accepted => Err(Error::<T>::PackAccepted),
            PackStatus::Issued => Err(Error::<T>::PackIssued),
            PackStatus::Screened => Ok(()),
            PackStatus::Open
            | PackStatus::Sealed
            | PackStatus::Assessing
            | PackStatus::Assessed
            | PackStatus::Screening => Err(Error::<T>::PackNotScreened),
        }
    }
}

impl<T: Config> ScreenedPacks for Pallet<T> {
    fn accept(id: PackId) -> DispatchResult {
        let mut pack = Packs::<T>::get(id).ok_or(Error::<T>::PackNotFound)?;
        Self::ensure_screened(pack.status)?;
        pack.status = PackStatus::Accepted;
        Packs::<T>::insert(id, pack);
        Ok(())
    }

    fn issue(id: PackId) -> Result<PackFigures, DispatchError> {
        let mut pack = Packs::<T>::get(id).ok_or(Error::<T>::PackNotFound)?;
        ensure!(pack.status != PackStatus::Issued, Error::<T>::PackIssued);
        ensure!(pack.status == PackStatus::Accepted, Error::<T>::PackNotAccepted);
        let figures = Self::screened_figures(id)?;
        pack.status = PackStatus::Issued;
        Packs::<T>::insert(id, pack);
        Ok(figures)
    }

    fn figures(id: PackId) -> Result<PackFigures, DispatchError> {
        Ok(Self::screened_figures(id)?)
    }
}
