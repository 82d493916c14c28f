/// Captured frames in files, in the format of Wireshark: pcapng, as the IETF draft
/// `draft-ietf-opsawg-pcapng` describes it. Start with [PcapngReader] and [CaptureFiles].
package dev.portcullis.net.pcapng;
