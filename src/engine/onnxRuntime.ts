// A lint rule lets only this file import ONNX Runtime, so telemetry is always turned off first: imports
// run in the order of the lines.
import "./telemetryOff";
export { InferenceSession, Tensor } from "onnxruntime-node";
