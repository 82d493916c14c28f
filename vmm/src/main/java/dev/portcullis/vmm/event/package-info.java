/// What management is told: events, and the sinks they go to. Start with [Event] and [EventBus];
/// `docs/services/events.md` lists types and fields.
package dev.portcullis.vmm.event;
