using Clouds.Graph.Building;

namespace Clouds.Graph.Onnx;

/// <summary>What a model file declares, whoever wrote it.</summary>
/// <param name="Graph">Name of the graph.</param>
/// <param name="Producer">Program that wrote the file; empty where it does not say.</param>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Opsets">Operator set version by domain; the standard domain is the empty string.</param>
/// <param name="Inputs">Graph inputs that must be fed.</param>
/// <param name="Outputs">Graph outputs.</param>
/// <param name="Initializers">Stored tensors, with the file they lie in.</param>
/// <param name="CustomDomains">Domains, other than the standard one, of which nodes are used.</param>
/// <param name="NodeCount">Number of nodes.</param>
public sealed record OnnxSummary(
    string Graph,
    string Producer,
    long IrVersion,
    IReadOnlyDictionary<string, long> Opsets,
    IReadOnlyList<OnnxTensor> Inputs,
    IReadOnlyList<OnnxTensor> Outputs,
    IReadOnlyList<OnnxInitializer> Initializers,
    IReadOnlyList<string> CustomDomains,
    int NodeCount);

/// <summary>An input or an output of a model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Element type; a number that <see cref="ElementType"/> does not name is kept as it stands.</param>
/// <param name="Shape">Extents; null where the file leaves even their number open. An extent without number and name is "?".</param>
public sealed record OnnxTensor(string Name, ElementType Type, Shape? Shape);

/// <summary>A stored tensor of a model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Extents, all numbers.</param>
/// <param name="ExternalFile">File beside the model that holds the elements; null where the model holds them.</param>
public sealed record OnnxInitializer(string Name, ElementType Type, Shape Shape, string? ExternalFile);
