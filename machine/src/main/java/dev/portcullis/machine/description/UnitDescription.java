package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.UnitConfiguration;

/// A remapping unit of a machine.
///
/// @param id what devices call it
/// @param at place of the function that carries its registers
/// @param configuration what it is
public record UnitDescription(String id, RequesterId at, UnitConfiguration configuration) {}
