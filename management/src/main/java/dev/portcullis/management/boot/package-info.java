/// Verified boot: what a partition boots from is measured into an event log, and compared with a
/// signed manifest. Start with [VerifiedBoot]; what came of it is a [BootRecord].
package dev.portcullis.management.boot;
