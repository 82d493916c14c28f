/// The choices that the architecture leaves to whoever builds a unit.
package dev.portcullis.unit.policy;
