// The only door to ONNX Runtime, by lint rule: whoever comes through it has telemetry turned off
// first. Imports are carried out in the order in which they stand here.
import "./telemetryOff";
export { InferenceSession, Tensor } from "onnxruntime-node";
