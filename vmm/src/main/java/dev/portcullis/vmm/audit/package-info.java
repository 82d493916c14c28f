/// A log of events that shows whether somebody has changed it. Start with [AuditLog];
/// `docs/services/events.md` has the format.
package dev.portcullis.vmm.audit;
