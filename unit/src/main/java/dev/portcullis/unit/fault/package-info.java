/// Station 8 of a DMA that goes wrong: the fault records, their status, and the fault event.
package dev.portcullis.unit.fault;
