/// Outbreak containment: a partition that is suspected of spreading something is cut off from all
/// but remediation, until it is known to be well.
package dev.portcullis.management.containment;
