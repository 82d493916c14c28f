/// Station 7 of a DMA: the walk through the page tables.
package dev.portcullis.unit.paging;
