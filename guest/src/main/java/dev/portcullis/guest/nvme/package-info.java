/// The driver of NVMe controllers.
package dev.portcullis.guest.nvme;
