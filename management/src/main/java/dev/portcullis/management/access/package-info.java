/// Evaluation: the policy decision point (PDP, RFC 2753), which holds what is known of a partition
/// against a policy. Policies are expressions of CEL, the Common Expression Language.
package dev.portcullis.management.access;
