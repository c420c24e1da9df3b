// ONNX Runtime's official Linux builds report model and device data to their maker from 1.29 on, unless this variable is set when the library
// loads. A governor on somebody's machine sends nothing anywhere; who wants the reports sets the variable to 0.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1'
