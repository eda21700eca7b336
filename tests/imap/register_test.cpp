// The register of extensions: CAPABILITY tells exactly what is listed here, and of each name there
// are transcripts of its normal use, of what it refuses, and of its interplay with others.
#include "tests/support/transcript.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace mail::imap {
namespace {

    using namespace mail::test;

    constexpr Transcript::Options plain { .encrypted = false };

    /// Tests by their names, "Suite.Test Suite.Test".
    struct RegisterEvidence {
        std::string_view name; ///< as it is announced
        std::string_view use;
        std::string_view refusals;
        std::string_view interplay;
    };

    // clang-format off
    constexpr auto after_login = std::to_array<RegisterEvidence>({
        {"IMAP4rev1",
            "ImapSelect.TellsTheState ImapFetch.AnswersTheItemsOfTheIndex ImapStore.ReplacesAddsAndRemoves",
            "ImapDispatcher.RefusesWhatItDoesNotKnow ImapDispatcher.KeepsToStates ImapSelect.RefusesWhatIsNotThere",
            "ImapExpunge.OthersLearnWhenTheyMay ImapFetch.WhatAnotherSessionExpungedIsStillThere"},
        {"IMAP4rev2",
            "ImapRev2.SelectTellsWhatRfc9051Says ImapRev2.WhatIsToldUnaskedNamesTheUidAndNothingIsRecent",
            "ImapRev2.NamesAreUtf8 ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapRev2.NoCommandTellsOldResponses ImapRev2.EveryNameIsUtf8 ImapRev2.ServesWhatBelongsToItUnderOtherNames"},
        {"LITERAL+",
            "ImapAppend.KeepsOctetsHoweverTheyCome ImapCommandReader.KeepsLiteralsInPlace",
            "ImapDispatcher.RefusesLongLinesAndLiteralsAndGoesOn ImapSwitches.LiteralMinusTakesThePlaceOfLiteralPlus",
            "ImapAppend.LiteralMinusHoldsForEachLiteral ImapMultiappend.SaysTheSameHoweverTheInputIsCut"},
        {"SASL-IR",
            "ImapAuthenticate.SpeaksPlainAndLogin",
            "ImapAuthenticate.BoundsTheResponse ImapSwitches.InitialResponsesMayBeSwitchedOff",
            "ImapUnauthenticate.MayBePipelinedWithTheNextLogin"},
        {"ID",
            "ImapId.TakesAllThatClientsTell",
            "ImapId.TakesAllThatClientsTell ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapNotify.ManyChangesOfANameAreOne"},
        {"ENABLE",
            "ImapEnable.TellsWhatIsNew",
            "ImapEnable.TellsWhatIsNew ImapDispatcher.KeepsToStates ImapSwitches.WhatIsOffIsNeitherAnnouncedNorParsed",
            "ImapUnauthenticate.ForgetsTheMailboxAndWhatWasEnabled ImapInterplay.QresyncWithUidOnly"},
        {"IDLE",
            "ImapIdle.TellsAtOnce ImapIdle.MayBeCalledWithoutAMailbox",
            "ImapIdle.MayBeCalledWithoutAMailbox ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapNotify.IdleTellsExactlyTheSame ImapInterplay.UidOnlyInIdleAndNotify ImapCompress.CarriesAWholeSession"},
        {"NAMESPACE",
            "ImapNamespace.NamesThoseThatAreThere",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapLanguage.ChangesTextsOfNamespaceNotItsNames ImapListNamespaces.OthersAreShownAsFarAsTheyMayBeLookedUp"},
        {"UIDPLUS",
            "ImapAppend.IsToldToThoseWhoLook ImapCopy.CopiesFlagsAndDates ImapMove.TellsTheUidsBeforeTheExpunges",
            "ImapExpunge.RefusesWhatItCannotDo ImapAppend.TellsNoUidsWithoutUidplus",
            "ImapSharedInterplay.NoUidsAreToldOfAMailboxThatMayNotBeRead ImapSearchReturn.TheSavedResultStandsInEveryCommandThatTakesASet"},
        {"UNSELECT",
            "ImapUnselect.LeavesDeletedMessages",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar ImapDispatcher.KeepsToStates",
            "ImapSharedInterplay.StatusAndListStatusCountTheUsersOwnUnseen ImapRev2.ServesWhatBelongsToItUnderOtherNames"},
        {"CHILDREN",
            "ImapList.MatchesPatterns",
            "ImapSwitches.WhatIsOffIsNotToldEither",
            "ImapListExtended.RecursiveMatchTellsOfParents ImapNotify.TellsNamesThatChange"},
        {"MOVE",
            "ImapMove.TellsTheUidsBeforeTheExpunges",
            "ImapMove.RefusesWhatItCannotDo",
            "ImapInterplay.SavedResultsMoveAndShrink ImapInterplay.QresyncWithUidOnly ImapSharing.ExpungeCloseAndMoveNeedTheirRights"},
        {"CONDSTORE",
            "ImapStore.ChangesOnlyWhatIsUnchangedSince ImapFetch.ShowsModSeqsAndWhatChangedSince ImapNoop.TellsModSeqsWithCondstore",
            "ImapStore.RefusesWhatItCannotRead ImapSwitches.WhatIsOffIsNeitherAnnouncedNorParsed",
            "ImapInterplay.UnchangedSinceByNumbersAndByUidsAlone ImapSearchReturn.RefusesOptionsThatDoNotGoTogether ImapSort.TellsModSeqAndRelevancy"},
        {"QRESYNC",
            "ImapQresync.TellsWhatHappenedMeanwhile ImapQresync.ExpungesAreToldAsVanished",
            "ImapQresync.NeedsEnableAndGoodArguments ImapQresync.VanishedIsAModifierOfUidFetchWithChangedSince",
            "ImapInterplay.QresyncWithUidOnly ImapInterplay.SelectedDelayedKeepsNumbersAndSavedResultsUnderQresync ImapSharing.ReadersResynchroniseWithTheirOwnSeen"},
        {"ACL",
            "ImapAcl.GivesTakesAndReplacesRights ImapAcl.ListRightsTiesNothing",
            "ImapAcl.RefusesWhatItCannotRead ImapAcl.TheOwnerKeepsAllRights ImapSharing.MyRightsNeedsOneOfSix",
            "ImapSharing.RightsThatAreTakenEndTheSelection ImapNotifyShared.RightsMakeMailboxesComeAndGo"},
        {"RIGHTS=texk",
            "ImapAcl.IsAnnouncedWithItsRights ImapAcl.GivesTakesAndReplacesRights",
            "ImapAcl.RefusesWhatItCannotRead",
            "ImapSharing.RenameNeedsRightsAtBothEnds ImapSharing.ExpungeCloseAndMoveNeedTheirRights"},
        {"APPENDLIMIT=52428800",
            "ImapAppendLimit.IsToldAndHolds",
            "ImapAppendLimit.IsToldAndHolds",
            "ImapAppendLimit.HoldsForEachMessageHoweverItComes"},
        {"BINARY",
            "ImapBinary.DecodesParts ImapBinary.SendsPartsOfDecodedOctets",
            "ImapBinary.UnknownEncodingsAreRefused ImapBinary.APartThatIsNotThereIsNil",
            "ImapBinary.BelongsToRev2ButForLiteral8 ImapInterplay.UidOnlyCarriesEveryItem"},
        {"CATENATE",
            "ImapCatenate.PutsTextAndPartsTogether ImapCatenate.TakesEverySectionAndRange",
            "ImapCatenate.RefusesUrlsThatNameNothing ImapCatenate.RefusesWhatItCannotRead",
            "ImapCatenate.MixesWithMultiappendAndUtf8 ImapUrlAuth.IsNotForCatenateAndSpeaksUtf8Names ImapReplace.TakesStarAndCatenate"},
        {"COMPRESS=DEFLATE",
            "ImapCompress.CarriesAWholeSession",
            "ImapCompress.NeedsALoginAndAMechanismThatIsKnown ImapCompress.SaysByeToWhatIsNotCompressed",
            "ImapUnauthenticate.NothingOfACompressedUserIsLeftForTheNext ImapUnauthenticate.EndsTheCompression"},
        {"CONTEXT=SEARCH",
            "ImapLiveSearch.TellsWhatFlagsAndNewMailChange ImapLiveSearch.TellsWhatIsOutBeforeItIsExpunged",
            "ImapLiveSearch.ATagStandsForOneSearch ImapLiveSearch.BoundsHowManyAreFollowed ImapLiveSearch.MayBeSwitchedOff",
            "ImapLiveSearch.NamesUidsWhereNothingElseMayBeNamed ImapLiveSearch.NotifyTellsAtAnyTime ImapLiveSearch.NumbersAndSavedResultsStayWhatTheyWere"},
        {"CONTEXT=SORT",
            "ImapLiveSearch.TellsPlacesInASortedResult",
            "ImapLiveSearch.BoundsTheirMemory ImapLiveSearch.MayBeSwitchedOff",
            "ImapLiveSearch.KeepsTheComparatorItBeganWith ImapLiveSearch.ModSeqIsAKeyLikeOthers"},
        {"SPECIAL-USE",
            "ImapXlist.TellsUsesByTheirOlderNames ImapListExtended.RecursiveMatchGoesWithSpecialUseToo",
            "ImapSpecialUse.OnlyTheOwnerGivesThem ImapSwitches.WhatIsOffIsNotToldEither",
            "ImapMetadata.SpecialUsesAreEntries ImapListExtended.RecursiveMatchGoesWithSpecialUseToo"},
        {"CREATE-SPECIAL-USE",
            "ImapCreate.MakesParentsAndSpecialUses",
            "ImapCreate.MakesParentsAndSpecialUses ImapSpecialUse.OnlyTheOwnerGivesThem",
            "ImapMetadata.SpecialUsesAreEntries"},
        {"ESEARCH",
            "ImapSearchReturn.UnderRev2EsearchAlwaysAnswers",
            "ImapSearchReturn.RefusesOptionsThatDoNotGoTogether",
            "ImapSearchReturn.SavesWhatRfc9394Says ImapSearchReturn.UidsOnlyLeavesNoNumbers ImapInterplay.QresyncWithUidOnly"},
        {"ESORT",
            "ImapSort.ReturnsWhatEsortSays",
            "ImapSort.RefusesWhatItCannotRead ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapInterplay.PagesOfSortedUids ImapSharedInterplay.SortAndThreadSeeTheUsersOwnSeen"},
        {"FILTERS",
            "ImapSearchReturn.FiltersAreFoundByName ImapSearchProgram.FiltersAreInsertedAsTheyAre",
            "ImapSearchReturn.FiltersAreFoundByName ImapSearchProgram.FiltersAreInsertedAsTheyAre",
            "ImapInterplay.FiltersMayNotHideNumbersFromUidOnly"},
        {"I18NLEVEL=1",
            "ImapComparator.SearchComparesByIt",
            "ImapComparator.PatternsFindComparators",
            "ImapSort.Utf8AcceptLeavesOneCharset"},
        {"I18NLEVEL=2",
            "ImapComparator.TellsAndChanges ImapComparator.SortAndThreadCompareByIt",
            "ImapComparator.TellsAndChanges ImapComparator.MayBeSwitchedOff",
            "ImapComparator.SortAndThreadCompareByIt ImapLiveSearch.KeepsTheComparatorItBeganWith"},
        {"INPROGRESS",
            "ImapSearchLong.TellsHowFarItIs",
            "ImapSearchLong.SaysNothingWhereThatIsOff",
            "ImapSearchLong.SortsAndThreadsOfUidsTellItToo ImapSearchLong.EndsWhenTheClientIsGone"},
        {"LANGUAGE",
            "ImapLanguage.IsValidInAnyStateAndListsWhatIsSpoken ImapLanguage.IsOfTextsNotOfTheProtocol",
            "ImapLanguage.TakesTheFirstThatIsSpoken ImapLanguage.ChangesTextsOfNamespaceNotItsNames",
            "ImapLanguage.ChangesTextsOfNamespaceNotItsNames ImapLanguage.GoesWithNamespace"},
        {"LIST-EXTENDED",
            "ImapListExtended.SelectsSubscribedNamesThatExistOrNot ImapListExtended.TakesSeveralPatternsAndTellsEachNameOnce",
            "ImapListExtended.RefusesWhatIsNoOption ImapListExtended.WhatIsOffIsNoGrammar",
            "ImapListExtended.RecursiveMatchGoesWithSpecialUseToo ImapRev2.ServesWhatBelongsToItUnderOtherNames"},
        {"LIST-METADATA",
            "ImapListMetadata.TellsAnnotationsBehindEachName",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapSharedInterplay.StatusAndListStatusCountTheUsersOwnUnseen ImapRev2.EveryNameIsUtf8"},
        {"LIST-MYRIGHTS",
            "ImapListNamespaces.OthersAreShownAsFarAsTheyMayBeLookedUp",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapSharedInterplay.StatusAndListStatusCountTheUsersOwnUnseen ImapRev2.EveryNameIsUtf8"},
        {"LIST-STATUS",
            "ImapListStatus.TellsStatusBehindEachName",
            "ImapListExtended.RefusesWhatIsNoOption ImapListStatus.ParentsThatOnlyStandForChildrenHaveNone",
            "ImapSharedInterplay.StatusAndListStatusCountTheUsersOwnUnseen ImapAppendLimit.HoldsForEachMessageHoweverItComes"},
        {"METADATA",
            "ImapMetadata.SetsReadsAndRemovesEntries ImapMetadata.DepthReachesBelow",
            "ImapMetadata.RefusesWhatItCannotRead ImapMetadata.IsBounded",
            "ImapMetadata.PrivateEntriesAreEachUsersOwn ImapMetadata.FollowsTheMailbox ImapMetadata.ChangesAreToldByNameOnly"},
        {"METADATA-SERVER",
            "ImapMetadata.TheServerHasEntriesOfItsOwn",
            "ImapMetadata.TheServerHasEntriesOfItsOwn ImapMetadata.SwitchesTakeMailboxesOrAll",
            "ImapInterplay.FiltersMayNotHideNumbersFromUidOnly"},
        {"MULTIAPPEND",
            "ImapMultiappend.KeepsAllOrNothing ImapMultiappend.IsToldAsOneStep",
            "ImapMultiappend.BoundsTheNumberOfMessages ImapAppend.TakesOneMessageWithoutMultiappend",
            "ImapQuotaInterplay.WhatComesTogetherMustFitTogether ImapCatenate.MixesWithMultiappendAndUtf8"},
        {"MULTISEARCH",
            "ImapEsearch.TellsMailboxTagAndUidValidity ImapEsearch.SearchesEachMailboxOnce",
            "ImapEsearch.RefusesWhatIsNoRequest ImapEsearch.BoundsWhatIsSearched",
            "ImapEsearch.UpdateFollowsTheSelectedMailbox ImapEsearch.ModSeqEnablesCondstore ImapEsearchShared.SeenIsEachUsersOwn"},
        {"NOTIFY",
            "ImapNotify.TellsOfOtherMailboxesByStatusWithoutACommand ImapNotify.TellsOfTheSelectedMailboxAtOnceAndWithData",
            "ImapNotify.RefusesWhatIsNoRequest ImapNotify.NamesTheEventsThatItKnows ImapNotify.BoundsWhatIsNamed",
            "ImapInterplay.SelectedDelayedKeepsNumbersAndSavedResultsUnderQresync ImapInterplay.UidOnlyInIdleAndNotify ImapInterplay.FlagsOfWhatIsExpungedAreNotHeldBackForEver"},
        {"OBJECTID",
            "ImapObjectId.MessagesKeepTheirIdsWhereverTheyGo ImapObjectId.MailboxesKeepTheirIdsThroughRename",
            "ImapObjectId.TextIsReadBackOneWayOnly ImapSwitches.WhatIsOffIsNotToldEither",
            "ImapInterplay.UidOnlyCarriesEveryItem ImapSearchProgram.TimesAndIds"},
        {"PARTIAL",
            "ImapSearchReturn.PagesCountFromEitherEnd ImapPartialFetch.ShowsAPageOfTheSet",
            "ImapSearchReturn.RefusesOptionsThatDoNotGoTogether ImapPartialFetch.ShowsAPageOfTheSet",
            "ImapInterplay.PagesOfSortedUids ImapPartialFetch.CombinesWithChangedSinceAndVanished"},
        {"PREVIEW",
            "ImapPreview.ShowsTheFirstWords",
            "ImapPreview.IsNoItemWhenItIsOff",
            "ImapInterplay.UidOnlyCarriesEveryItem ImapInterplay.ReplaceIsToldToThoseWhoNotifyAndResynchronise"},
        {"QUOTA",
            "ImapQuota.TellsBoundedResourcesOnly",
            "ImapQuota.RefusesWhatItCannotRead ImapQuota.WhatDoesNotFitChangesNothing",
            "ImapQuotaInterplay.WhatComesTogetherMustFitTogether ImapQuota.OfOthersMailboxesByTheirRights ImapQuota.WarnsOnceForEachDegree"},
        {"QUOTA=RES-STORAGE",
            "ImapQuota.TellsBoundedResourcesOnly ImapQuota.RoundsUpTheSameWayOnBothSides",
            "ImapQuota.WhatDoesNotFitChangesNothing ImapQuota.ResourcesCanBeSwitchedOff",
            "ImapQuotaInterplay.WhatComesTogetherMustFitTogether ImapSharing.AcrossAccountsQuotaIsTheTargets"},
        {"QUOTA=RES-MESSAGE",
            "ImapQuota.TellsBoundedResourcesOnly",
            "ImapQuota.WhatDoesNotFitChangesNothing ImapQuota.ResourcesCanBeSwitchedOff",
            "ImapQuotaInterplay.WhatComesTogetherMustFitTogether"},
        {"QUOTA=RES-MAILBOX",
            "ImapQuota.AdministratorsSetIt",
            "ImapQuota.WhatDoesNotFitChangesNothing ImapQuota.ResourcesCanBeSwitchedOff",
            "ImapQuota.CountsExactlyOverRandomOperations ImapQuota.OfOthersMailboxesByTheirRights"},
        {"QUOTASET",
            "ImapQuota.AdministratorsSetIt",
            "ImapQuota.RefusesWhatItCannotRead ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapQuota.ResourcesCanBeSwitchedOff"},
        {"REPLACE",
            "ImapReplace.ReplacesInOneStep",
            "ImapReplace.RefusesBeforeTheMessageIsSent ImapReplace.AMessageThatIsGoneMeanwhileIsNotReplaced",
            "ImapInterplay.ReplaceIsToldToThoseWhoNotifyAndResynchronise ImapReplace.TellsVanishedAndModSeqs ImapReplace.TakesStarAndCatenate"},
        {"SAVEDATE",
            "ImapSaveDate.IsTheTimeOfArrivalInTheMailbox ImapSearchProgram.TimesAndIds",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapInterplay.UidOnlyCarriesEveryItem"},
        {"SEARCH=FUZZY",
            "ImapSearchProgram.FuzzyKeysTolerateSlips ImapSearchReturn.RelevancyGoesWithTheMessages",
            "ImapSearchReturn.RefusesOptionsThatDoNotGoTogether ImapSearchReturn.WhatIsSwitchedOffIsNoGrammar",
            "ImapSort.TellsModSeqAndRelevancy ImapSharedInterplay.SortAndThreadSeeTheUsersOwnSeen"},
        {"SEARCHRES",
            "ImapSearchReturn.TheSavedResultStandsInEveryCommandThatTakesASet",
            "ImapSearchReturn.TheSavedResultIsKeptRight ImapSearchReturn.WhatIsSwitchedOffIsNoGrammar",
            "ImapInterplay.SavedResultsMoveAndShrink ImapSearchReturn.SavesWhatRfc9394Says ImapInterplay.SelectedDelayedKeepsNumbersAndSavedResultsUnderQresync"},
        {"SORT",
            "ImapSort.SortsByEachCriterion ImapSort.UidsAndNumbersDiffer",
            "ImapSort.RefusesWhatItCannotRead",
            "ImapSharedInterplay.SortAndThreadSeeTheUsersOwnSeen ImapSort.UidsOnlyAndSwitches ImapSort.Utf8AcceptLeavesOneCharset"},
        {"SORT=DISPLAY",
            "ImapSort.SortsByEachCriterion",
            "ImapSort.UidsOnlyAndSwitches ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapSwitches.WhatNeedsAnotherFallsWithIt"},
        {"STATUS=SIZE",
            "ImapStatus.CountsWithoutSelecting",
            "ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapSharedInterplay.StatusAndListStatusCountTheUsersOwnUnseen ImapRev2.ServesWhatBelongsToItUnderOtherNames"},
        {"THREAD=ORDEREDSUBJECT",
            "ImapThread.OrderedSubjectHasNoGrandchildren",
            "ImapThread.RefusesWhatItCannotRead",
            "ImapSharedInterplay.SortAndThreadSeeTheUsersOwnSeen ImapThread.UidsOnlyAndSwitches"},
        {"THREAD=REFERENCES",
            "ImapThread.RepliesHangBelowWhatTheyAnswer",
            "ImapThread.RefusesWhatItCannotRead",
            "ImapThread.UidsOnlyAndSwitches"},
        {"THREAD=REFS",
            "ImapThread.RefsKnowsNoSubjectsAndPutsTheNewestLast",
            "ImapThread.RefusesWhatItCannotRead ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapInterplay.UidOnlyCarriesEveryItem ImapInterplay.SelectedDelayedKeepsNumbersAndSavedResultsUnderQresync"},
        {"UIDBATCHES",
            "ImapUidBatches.CutsTheMailboxFromItsNewest",
            "ImapUidBatches.CutsTheMailboxFromItsNewest",
            "ImapInterplay.UidOnlyCarriesEveryItem"},
        {"UIDONLY",
            "ImapUidOnly.NumbersAreGoneBothWays",
            "ImapUidOnly.NumbersAreGoneBothWays ImapUidOnly.RefusesNumbersInSelectToo",
            "ImapInterplay.QresyncWithUidOnly ImapInterplay.UidOnlyInIdleAndNotify ImapInterplay.UnchangedSinceByNumbersAndByUidsAlone ImapInterplay.PagesOfSortedUids ImapSharedInterplay.QresyncAndUidOnlyInSomebodyElsesMailbox"},
        {"UNAUTHENTICATE",
            "ImapUnauthenticate.ForgetsTheMailboxAndWhatWasEnabled",
            "ImapUnauthenticate.IsValidAfterTheLoginOnly ImapUnauthenticate.GivesNoMoreGuessesAtPasswords",
            "ImapUnauthenticate.NothingOfACompressedUserIsLeftForTheNext ImapNotify.UnauthenticateEndsIt"},
        {"URLAUTH",
            "ImapUrlAuth.AUrlGivesOthersWhatItNames",
            "ImapUrlAuth.GenurlauthRefusesWhatItMayNotSign ImapUrlAuth.WhatIsChangedInAUrlMakesItWorthless",
            "ImapUrlAuth.IsNotForCatenateAndSpeaksUtf8Names ImapUrlAuth.ItIsTheOwnersAccessThatCounts"},
        {"URLAUTH=BINARY",
            "ImapUrlAuthBinary.SendsDecodedPartsAndTheirStructure",
            "ImapUrlAuthBinary.RefusesParametersThatContradict",
            "ImapUrlAuthBinary.DescribesMessagesAndHeaders"},
        {"URL-PARTIAL",
            "ImapCatenate.TakesEverySectionAndRange ImapUrl.TakesSectionsAndRanges",
            "ImapUrl.RangesCanBeSwitchedOff ImapCatenate.IsNoGrammarWhenItIsOff",
            "ImapCatenate.TakesEverySectionAndRange"},
        {"UTF8=ACCEPT",
            "ImapUtf8.AcceptMeansNamesInUtf8AlsoInRev1 ImapAppend.TakesMessagesWithUtf8HeadersInAnyForm",
            "ImapSearchReturn.CharsetIsSettledByUtf8Accept ImapSort.Utf8AcceptLeavesOneCharset",
            "ImapUrlAuth.IsNotForCatenateAndSpeaksUtf8Names ImapSharing.NamesInUtf8AndUidsOnly ImapGlobal.IsAMessageForThoseWhoSpeakUtf8"},
        {"WITHIN",
            "ImapSearchProgram.TimesAndIds",
            "ImapSearchProgram.RefusesWhatIsNoKey ImapSearchReturn.WhatIsSwitchedOffIsNoGrammar",
            "ImapInterplay.FiltersMayNotHideNumbersFromUidOnly"},
        {"XLIST",
            "ImapXlist.TellsUsesByTheirOlderNames",
            "ImapXlist.TellsUsesByTheirOlderNames ImapRegister.WhatIsSwitchedOffIsNoGrammar",
            "ImapRev2.EveryNameIsUtf8"},
    });

    /// Announced where they belong: before the login, or in the place of another.
    constexpr auto elsewhere = std::to_array<RegisterEvidence>({
        {"STARTTLS",
            "ImapStarttls.DiscardsWhatWasSentTooEarly",
            "ImapDispatcher.KeepsToStates",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"LOGINDISABLED",
            "ImapLogin.NeverLooksLikeAWrongPasswordWhenItIsNone",
            "ImapLogin.NeverLooksLikeAWrongPasswordWhenItIsNone",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-1",
            "ImapScram.LogsInWithEveryMechanism",
            "ImapScram.RefusesAWrongPasswordAsAnyOtherLogin",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-1-PLUS",
            "ImapScram.LogsInWithEveryMechanism",
            "ImapScram.RefusesTheBindingOfAnotherConnection",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-256",
            "ImapScram.LogsInWithEveryMechanism ImapScram.TakesAnInitialResponse",
            "ImapScram.RefusesAWrongPasswordAsAnyOtherLogin",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-256-PLUS",
            "ImapScram.LogsInWithEveryMechanism",
            "ImapScram.RefusesTheBindingOfAnotherConnection",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-512",
            "ImapScram.LogsInWithEveryMechanism",
            "ImapScram.RefusesAWrongPasswordAsAnyOtherLogin",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=SCRAM-SHA-512-PLUS",
            "ImapScram.LogsInWithEveryMechanism",
            "ImapScram.RefusesTheBindingOfAnotherConnection",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=PLAIN",
            "ImapAuthenticate.SpeaksPlainAndLogin",
            "ImapAuthenticate.SpeaksPlainAndLogin ImapLogin.NeverLooksLikeAWrongPasswordWhenItIsNone",
            "ImapUnauthenticate.MayBePipelinedWithTheNextLogin"},
        {"AUTH=EXTERNAL",
            "ImapOtherLogins.ByCertificate",
            "ImapOtherLogins.ByCertificate",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=ANONYMOUS",
            "ImapAnonymous.ReadsMail",
            "ImapAnonymous.ChangesNothing ImapOtherLogins.WhatIsNotOfferedIsNoWrongPassword",
            "ImapAnonymous.ChangesNothing ImapAnonymous.RedeemsUrlsOfAnybodyOnly"},
        {"AUTH=OAUTHBEARER",
            "ImapOtherLogins.ByToken",
            "ImapOtherLogins.ARefusedTokenIsExplained",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=XOAUTH2",
            "ImapOtherLogins.ByToken",
            "ImapOtherLogins.ARefusedTokenIsExplained",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"AUTH=LOGIN",
            "ImapAuthenticate.SpeaksPlainAndLogin",
            "ImapAuthenticate.BoundsTheResponse ImapLogin.NeverLooksLikeAWrongPasswordWhenItIsNone",
            "ImapRegister.EachPlaceAnnouncesWhatBelongsThere"},
        {"LITERAL-",
            "ImapSwitches.LiteralMinusTakesThePlaceOfLiteralPlus",
            "ImapAppend.LiteralMinusHoldsForEachLiteral",
            "ImapAppend.LiteralMinusHoldsForEachLiteral ImapRev2.ServesWhatBelongsToItUnderOtherNames"},
        {"MESSAGELIMIT=",
            "ImapMessageLimit.IsAnnouncedWhereItIsConfigured ImapMessageLimit.CutsFetchToTheNewest",
            "ImapMessageLimit.RefusesCopiesOfMore ImapMessageLimit.RefusesToSortOrThreadMore",
            "ImapMessageLimit.CutsWhatVanishedWithTheFetch ImapMessageLimit.IsToldBesideWhatElseTheAnswerTells ImapRegister.LimitsAreAnnouncedWhereTheyAreSet"},
        {"SAVELIMIT=",
            "ImapMessageLimit.IsAnnouncedWhereItIsConfigured",
            "ImapMessageLimit.RefusesCopiesOfMore",
            "ImapRegister.LimitsAreAnnouncedWhereTheyAreSet"},
    });
    // clang-format on

    using Names = std::multiset<std::string>; // what is told twice is wrong, too

    Names words(std::string_view text)
    {
        std::istringstream in { std::string(text) };
        return { std::istream_iterator<std::string>(in), {} };
    }

    Names expected(std::string_view more = {})
    {
        auto names = words(more);
        for (auto const& each : after_login)
            names.emplace(each.name);
        return names;
    }

    /// Between the brackets of "... [CAPABILITY ...] ..."
    Names in_code(std::string_view line)
    {
        auto const begin = line.find("[CAPABILITY ");
        EXPECT_NE(begin, std::string_view::npos) << line;
        auto const names = line.substr(begin + 12);
        return words(names.substr(0, names.find(']')));
    }

    Names capability(Transcript& imap)
    {
        imap.send("cap CAPABILITY\r\n");
        auto const line = imap.read_line();
        imap.expect("cap OK *");
        EXPECT_TRUE(line.starts_with("* CAPABILITY ")) << line;
        return words(std::string_view(line).substr(13));
    }

    Names login(Transcript& imap, std::string const& command = "LOGIN alice secret")
    {
        imap.send("in " + command + "\r\n");
        return in_code(imap.read_line());
    }

    Transcript unread(std::shared_ptr<TestServices> world, Transcript::Options options)
    {
        options.reads_greeting = false;
        return Transcript(std::move(world), options);
    }

    TEST(ImapRegister, AnnouncesExactlyTheseInEveryPlace)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX") });
        auto imap = unread(world, {});
        auto const before = expected("AUTH=PLAIN AUTH=LOGIN");
        EXPECT_EQ(in_code(imap.read_line()), before);
        EXPECT_EQ(capability(imap), before);
        EXPECT_EQ(login(imap), expected());
        EXPECT_EQ(capability(imap), expected());
        imap.select("INBOX");
        EXPECT_EQ(capability(imap), expected());
        imap.send("en ENABLE IMAP4rev2 QRESYNC UIDONLY UTF8=ACCEPT\r\n");
        imap.expect("* OK [HIGHESTMODSEQ *").expect("* ENABLED *").expect("en OK *");
        EXPECT_EQ(capability(imap), expected()) << "what is enabled changes nothing";
        imap.send("un UNAUTHENTICATE\r\n");
        EXPECT_EQ(in_code(imap.read_line()), before);
        EXPECT_EQ(login(imap, "AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA=="), expected());
        imap.send("z COMPRESS DEFLATE\r\n").expect("z OK *");
    }

    TEST(ImapRegister, EachPlaceAnnouncesWhatBelongsThere)
    {
        auto const world = Transcript::make_world({});
        auto closed = unread(world, plain);
        EXPECT_EQ(in_code(closed.read_line()), expected("LOGINDISABLED"));
        EXPECT_EQ(capability(closed), expected("LOGINDISABLED"));

        auto open = unread(world, { .encrypted = false, .allows_plain_text = true });
        EXPECT_EQ(in_code(open.read_line()), expected("AUTH=PLAIN AUTH=LOGIN"));
        EXPECT_EQ(login(open), expected());
        EXPECT_EQ(capability(open), expected());

        auto upgrades = unread(world, { .encrypted = false, .offers_starttls = true });
        EXPECT_EQ(in_code(upgrades.read_line()), expected("STARTTLS LOGINDISABLED"));
        upgrades.send("a1 STARTTLS\r\n").expect("a1 OK *");
        EXPECT_EQ(capability(upgrades), expected("AUTH=PLAIN AUTH=LOGIN"));
        EXPECT_EQ(login(upgrades), expected());

        world->authenticator.has_keys = true;
        auto with_keys = unread(world, { .encrypted = false, .offers_starttls = true });
        std::string const keys = " AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-512";
        EXPECT_EQ(in_code(with_keys.read_line()), expected("STARTTLS LOGINDISABLED" + keys));
        with_keys.send("a1 STARTTLS\r\n").expect("a1 OK *");
        EXPECT_EQ(capability(with_keys),
            expected("AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-1-PLUS AUTH=SCRAM-SHA-256-PLUS "
                     "AUTH=SCRAM-SHA-512-PLUS"
                + keys));
        world->authenticator.has_keys = false;

        world->authenticator.takes_tokens = true;
        world->authenticator.anonymous = "carol";
        auto others = unread(world, { .encrypted = false, .offers_starttls = true });
        EXPECT_EQ(in_code(others.read_line()), expected("STARTTLS LOGINDISABLED AUTH=ANONYMOUS"));
        others.send("a1 STARTTLS\r\n").expect("a1 OK *");
        others.stream().certified = { "alice" };
        EXPECT_EQ(capability(others),
            expected("AUTH=EXTERNAL AUTH=OAUTHBEARER AUTH=XOAUTH2 AUTH=PLAIN AUTH=LOGIN "
                     "AUTH=ANONYMOUS"));
        world->authenticator.takes_tokens = false;
        world->authenticator.anonymous.clear();

        world->settings.imap.capabilities_off = { "LITERAL+" };
        auto without = unread(world, {});
        auto names = expected("LITERAL- AUTH=PLAIN AUTH=LOGIN");
        names.erase("LITERAL+");
        EXPECT_EQ(in_code(without.read_line()), names);
    }

    TEST(ImapRegister, AccountsAndNetworksAreAnnouncedLess)
    {
        auto const world = Transcript::make_world({});
        world->settings.imap.networks = { { { *Network::parse("127.0.0.0/8") }, { "SORT" } } };
        world->authenticator.users["alice"].capabilities_off = { "acl", "APPENDLIMIT=5" };
        Transcript imap(world, {});
        auto names = expected();
        for (auto const* name : { "SORT", "ESORT", "SORT=DISPLAY", "CONTEXT=SORT" })
            names.erase(name);
        auto const of_others = names;
        for (auto const* name : { "ACL", "RIGHTS=texk", "LIST-MYRIGHTS", "APPENDLIMIT=52428800" })
            names.erase(name);
        EXPECT_EQ(login(imap), names);
        EXPECT_EQ(capability(imap), names);
        auto bob = imap.another();
        EXPECT_EQ(login(bob, "LOGIN bob secret"), of_others);
    }

    TEST(ImapRegister, LimitsAreAnnouncedWhereTheyAreSet)
    {
        auto const world = Transcript::make_world({});
        auto const told = [&](std::uint32_t message_limit, std::uint32_t save_limit) {
            world->settings.imap.message_limit = message_limit;
            world->settings.imap.save_limit = save_limit;
            Transcript imap(world, {});
            return login(imap);
        };
        EXPECT_EQ(told(0, 0), expected());
        EXPECT_EQ(told(1000, 0), expected("MESSAGELIMIT=1000"));
        EXPECT_EQ(told(0, 500), expected("SAVELIMIT=500"));
        EXPECT_EQ(told(1000, 500), expected("MESSAGELIMIT=1000")) << "which says it, too";
    }

    /// Cyrus, the widest of them, tells 55 at one time, when all of its switches are on.
    TEST(ImapRegister, TellsMoreThanAnyOtherServer) { EXPECT_GT(after_login.size(), 55U); }

    bool exists(std::string const& name)
    {
        auto const& all = *testing::UnitTest::GetInstance();
        for (int i = 0; i < all.total_test_suite_count(); ++i) {
            auto const& suite = *all.GetTestSuite(i);
            for (int j = 0; j < suite.total_test_count(); ++j)
                if (name == std::string(suite.name()) + "." + suite.GetTestInfo(j)->name())
                    return true;
        }
        return false;
    }

    void expect_tests(std::string_view name, char const* what, std::string_view tests)
    {
        auto const all = words(tests);
        EXPECT_FALSE(all.empty()) << name << " has no test of its " << what;
        for (auto const& test : all) {
            EXPECT_TRUE(exists(test)) << name << ": there is no test " << test;
            EXPECT_EQ(test.find("DISABLED_"), std::string::npos) << name << ": " << test;
        }
    }

    TEST(ImapRegister, NoNameIsWithoutTranscripts)
    {
        auto const check = [](RegisterEvidence const& each) {
            expect_tests(each.name, "normal use", each.use);
            expect_tests(each.name, "refusals", each.refusals);
            expect_tests(each.name, "interplay", each.interplay);
        };
        std::ranges::for_each(after_login, check);
        std::ranges::for_each(elsewhere, check);
        EXPECT_FALSE(exists("ImapRegister.NoSuchTest")) << "the check itself";
    }

    struct Probe {
        std::string_view name;
        std::string_view command; ///< not BAD while the name is on
        std::string_view when_off = "x BAD *"; ///< its first line then
    };

    // clang-format off
    constexpr auto probes = std::to_array<Probe>({
        {"IMAP4rev2",             "ENABLE IMAP4rev2", "* ENABLED"},
        {"ID",                    "ID NIL"},
        {"ENABLE",                "ENABLE CONDSTORE"},
        {"IDLE",                  "IDLE"},
        {"NAMESPACE",             "NAMESPACE"},
        {"UIDPLUS",               "UID EXPUNGE 1"},
        {"UNSELECT",              "UNSELECT"},
        {"MOVE",                  "MOVE 1 Work"},
        {"CONDSTORE",             "FETCH 1 MODSEQ"},
        {"QRESYNC",               "ENABLE QRESYNC", "* ENABLED"},
        {"ACL",                   "MYRIGHTS INBOX"},
        {"APPENDLIMIT",           "STATUS INBOX (APPENDLIMIT)"},
        {"BINARY",                "FETCH 1 BINARY.PEEK[1]"},
        {"CATENATE",              "APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\")"},
        {"COMPRESS=DEFLATE",      "COMPRESS DEFLATE"},
        {"SPECIAL-USE",           "LIST (SPECIAL-USE) \"\" *"},
        {"CONTEXT=SEARCH",        "SEARCH RETURN (UPDATE) ALL"},
        {"CONTEXT=SORT",          "SORT RETURN (UPDATE) (ARRIVAL) UTF-8 ALL"},
        {"CREATE-SPECIAL-USE",    "CREATE Box (USE (\\Sent))"},
        {"ESEARCH",               "SEARCH RETURN (COUNT) ALL"},
        {"ESORT",                 "SORT RETURN (COUNT) (ARRIVAL) UTF-8 ALL"},
        {"FILTERS",               "SEARCH FILTER none"},
        {"I18NLEVEL=2",           "COMPARATOR"},
        {"LANGUAGE",              "LANGUAGE"},
        {"LIST-EXTENDED",         "LIST (SUBSCRIBED) \"\" *"},
        {"LIST-METADATA",         "LIST \"\" * RETURN (METADATA (/shared/comment))"},
        {"LIST-MYRIGHTS",         "LIST \"\" * RETURN (MYRIGHTS)"},
        {"LIST-STATUS",           "LIST \"\" * RETURN (STATUS (MESSAGES))"},
        {"METADATA",              "GETMETADATA INBOX /shared/comment"},
        {"MULTIAPPEND",           "APPEND INBOX {1+}\r\nx {1+}\r\ny"},
        {"MULTISEARCH",           "ESEARCH IN (personal) ALL"},
        {"NOTIFY",                "NOTIFY NONE"},
        {"OBJECTID",              "FETCH 1 EMAILID"},
        {"PARTIAL",               "UID FETCH 1 UID (PARTIAL 1:1)"},
        {"PREVIEW",               "FETCH 1 PREVIEW"},
        {"QUOTA",                 "GETQUOTAROOT INBOX"},
        {"QUOTA=RES-STORAGE",     "STATUS INBOX (DELETED-STORAGE)"},
        {"QUOTASET",              "SETQUOTA alice ()"},
        {"REPLACE",               "REPLACE 1 INBOX {1+}\r\nx"},
        {"SAVEDATE",              "FETCH 1 SAVEDATE"},
        {"SEARCH=FUZZY",          "SEARCH FUZZY ALL"},
        {"SEARCHRES",             "SEARCH RETURN (SAVE) ALL"},
        {"SORT",                  "SORT (ARRIVAL) UTF-8 ALL"},
        {"SORT=DISPLAY",          "SORT (DISPLAYFROM) UTF-8 ALL"},
        {"STATUS=SIZE",           "STATUS INBOX (SIZE)"},
        {"THREAD=ORDEREDSUBJECT", "THREAD ORDEREDSUBJECT UTF-8 ALL"},
        {"THREAD=REFERENCES",     "THREAD REFERENCES UTF-8 ALL"},
        {"THREAD=REFS",           "THREAD REFS UTF-8 ALL"},
        {"UIDBATCHES",            "UIDBATCHES 500"},
        {"UIDONLY",               "ENABLE UIDONLY", "* ENABLED"},
        {"UNAUTHENTICATE",        "UNAUTHENTICATE"},
        {"URLAUTH",               "URLFETCH \"imap://alice@host/INBOX/;UID=1\""},
        {"URLAUTH=BINARY",        "URLFETCH (\"imap://alice@host/INBOX/;UID=1\" BINARY)"},
        {"URL-PARTIAL",           "APPEND INBOX CATENATE (URL \"/INBOX/;UID=1/;PARTIAL=0.1\")", "x NO [BADURL *"},
        {"UTF8=ACCEPT",           "ENABLE UTF8=ACCEPT", "* ENABLED"},
        {"WITHIN",                "SEARCH OLDER 5"},
        {"XLIST",                 "XLIST \"\" *"},
    });
    // clang-format on

    /// The first line of the answer, in INBOX with one message.
    std::string answer(std::shared_ptr<TestServices> const& world, Probe const& probe)
    {
        Transcript imap(world, {});
        imap.login().select("INBOX");
        imap.send("x " + std::string(probe.command) + "\r\n");
        return imap.read_line();
    }

    TEST(ImapRegister, WhatIsSwitchedOffIsNoGrammar)
    {
        for (auto const& probe : probes) {
            auto const world
                = Transcript::make_world({ mailbox("INBOX", { unseen("one") }), mailbox("Work") });
            world->settings.imap.capabilities_off = { std::string(probe.name) };
            auto const off = answer(world, probe);
            EXPECT_TRUE(matches_line(probe.when_off, off)) << probe.name << ": " << off;
            world->settings.imap.capabilities_off = {};
            auto const on = answer(world, probe);
            EXPECT_FALSE(matches_line(probe.when_off, on) || on.starts_with("x BAD"))
                << probe.name << ": " << on;
        }
    }

} // namespace
} // namespace mail::imap
