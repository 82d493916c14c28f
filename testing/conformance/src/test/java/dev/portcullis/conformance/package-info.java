/// The architecture, statement by statement, each proved on the unit. Written from the tables of
/// the architecture and not from the unit's code. Test names are sentences; `@Covers` says which
/// item a test reaches.
package dev.portcullis.conformance;
