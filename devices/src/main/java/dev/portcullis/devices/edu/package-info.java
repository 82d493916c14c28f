/// QEMU's edu device: a function whose DMA engine makes any DMA one asks for. Start with
/// [EduDevice].
package dev.portcullis.devices.edu;
