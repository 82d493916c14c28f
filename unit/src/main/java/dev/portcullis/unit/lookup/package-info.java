/// Station 6 of a DMA: from the requester to its tables.
package dev.portcullis.unit.lookup;
