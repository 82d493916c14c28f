/// Endpoint access control: collection, reporting, evaluation, enforcement, remediation, again and
/// again for each partition. Start with [AccessControl].
package dev.portcullis.management.endpoint;
