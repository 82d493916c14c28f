/// The same software on our unit and on QEMU's `intel-iommu`, side by side: what registers, devices
/// and memory show must be the same, but for the differences that `docs/deviations-qemu.md` lists.
/// Start with [Differential].
package dev.portcullis.differential;
