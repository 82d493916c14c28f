/// The register file of a remapping unit: where each register is, how wide, which bits software may
/// write. Start with [Registers].
package dev.portcullis.spec.register;
