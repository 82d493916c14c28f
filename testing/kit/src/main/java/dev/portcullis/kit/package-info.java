/// A machine for a test. Start with [TestMachine].
package dev.portcullis.kit;
