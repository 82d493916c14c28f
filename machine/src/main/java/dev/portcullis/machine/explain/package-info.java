/// Why a DMA went where it went: the tables that software wrote, read entry by entry, for a person.
package dev.portcullis.machine.explain;
