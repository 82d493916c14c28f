/// Why a unit refuses a request. Start with [FaultReason].
package dev.portcullis.spec.fault;
