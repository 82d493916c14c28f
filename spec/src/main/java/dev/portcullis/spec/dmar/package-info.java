/// How firmware tells software which remapping units there are and what each covers: the ACPI DMAR
/// table, decoded and encoded. Start with [DmarTable].
package dev.portcullis.spec.dmar;
