/// Stations 1 and 2 of a DMA: a function, its configuration space and capabilities, and the
/// upstream port through which every DMA and every interrupt message leaves it. Start with
/// [PciFunction].
package dev.portcullis.pci;
