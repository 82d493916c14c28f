/// What the unit has refused, and whose doing it was. Start with [FaultDesk].
package dev.portcullis.vmm.fault;
