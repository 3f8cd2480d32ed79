using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Portable;

/// <summary>A graph as a model of standard operators alone, its weights left out.</summary>
internal static class StandardGraph
{
    // Gelu is an operator of the standard since this version.
    private const long OpsetOfGelu = 20;

    /// <summary>Writes a graph: our operators as what they are made of, parameters declared neither as inputs nor as initialisers.</summary>
    /// <exception cref="NotSupportedException">An operator of ours has no lowering.</exception>
    public static ModelProto Of(GraphBuilder graph, PortableForm form)
    {
        ModelProto model = OnnxModel.ToProto(graph);
        HashSet<string> parameters = [.. graph.Parameters.Select(parameter => parameter.Name)];
        foreach (ValueInfoProto parameter in model.Graph.Input.Where(input => parameters.Contains(input.Name)).ToArray())
        {
            model.Graph.Input.Remove(parameter);
        }

        if (form.Opset < OpsetOfGelu)
        {
            model.Functions.Add(Gelu());
        }

        // Names of parameters stay taken while bodies are named, through the nodes that read them.
        FunctionInliner.Inline(model);
        NodeProto? left = model.Graph.Node.FirstOrDefault(node => node.Domain.Length > 0);
        if (left is not null)
        {
            throw new NotSupportedException($"the operator {left.Domain}.{left.OpType} cannot be written in standard operators");
        }

        model.Graph.ValueInfo.Clear();
        model.OpsetImport.Single().Version = form.Opset;
        model.IrVersion = form.IrVersion;
        model.MetadataProps.AddRange(form.Metadata.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return model;
    }

    // x/2 · (1 + erf(x/√2)), in constants of x's own type.
    private static FunctionProto Gelu()
    {
        CloudsOperator gelu = new("Gelu", ["x"], ["y"]);
        FunctionBuilder f = new(gelu);
        string Like(float value) => f.Op("CastLike", [f.Float(value), "x"]);
        string phi = f.Add(f.Op("Erf", [f.Mul("x", Like((float)Math.Sqrt(0.5)))]), Like(1));
        f.Append("Mul", [f.Mul("x", Like(0.5f)), phi], ["y"]);
        FunctionProto function = f.Build();
        function.Domain = "";
        return function;
    }
}
