/// An NVM Express 1.4 controller with one namespace. Start with [NvmeController], its face; the
/// time between enabling and the next reset is an [Engine], in which each submission queue has a
/// [Worker] that fetches commands and has a [CommandSet] execute them.
package dev.portcullis.devices.nvme;
