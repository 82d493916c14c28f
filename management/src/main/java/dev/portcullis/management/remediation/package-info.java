/// Remediation: what is done about partitions that are not as a policy wants them, and the host
/// that helps those who reach nothing else. Start with [Remediation].
package dev.portcullis.management.remediation;
