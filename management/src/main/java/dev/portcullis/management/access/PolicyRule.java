package dev.portcullis.management.access;

import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.vmm.filter.rule.Ruleset;
import java.util.Optional;

/// A condition and what follows from it.
///
/// @param name for people
/// @param text of the condition
/// @param conditions there if, and only if, the verdict is conditional
/// @param reason in words, for whoever has to know why
record PolicyRule(
    String name,
    String text,
    Expression condition,
    Verdict verdict,
    Optional<Ruleset> conditions,
    String reason) {}
