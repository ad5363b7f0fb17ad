/**
 * Turns ONNX Runtime's telemetry off for this process. The library reads the variable once, when it
 * is loaded, so this has to be imported before it (ARCHITECTURE.md has what each system does).
 */
process.env["ORT_DISABLE_TELEMETRY"] = "1";
