using System.Text.Json;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Verification.Golden;

namespace Clouds.Tests.Verification.Golden;

/// <summary>Writes small golden cases and computes them: y = 2·x.</summary>
internal static class GoldenFixture
{
    public static readonly float[] Input = [1, 2, 3, 4];

    /// <summary>Writes MODULE/CASE with input.x, and the given expected tensors beside what case.json says about them.</summary>
    public static void Write(string root, string module, string name, object json, IReadOnlyDictionary<string, GoldenTensor> tensors)
    {
        string folder = Path.Combine(root, module, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "case.json"), JsonSerializer.Serialize(json));
        Dictionary<string, GoldenTensor> all = new(tensors) { ["input.x"] = new GoldenTensor(Input, 4) };
        using SafetensorsWriter writer = new(
            Path.Combine(folder, "io.safetensors"),
            [.. all.Select(pair => new TensorDeclaration(pair.Key, pair.Value.IsFloat ? WeightType.F32 : WeightType.I64, pair.Value.Shape))]);
        foreach ((string tensor, GoldenTensor value) in all)
        {
            if (value.IsFloat)
            {
                writer.Write(tensor, value.AsFloats());
            }
            else
            {
                writer.Write(tensor, value.AsIntegers());
            }
        }

        writer.Commit();
    }

    /// <summary>A case that <see cref="Doubler"/> computes.</summary>
    public static void WriteDoubler(string root, string name, float error = 0) => Write(
        root,
        "doubler",
        name,
        new
        {
            module = "doubler",
            @case = name,
            config = new { factor = 2 },
            io_outputs = (string[])["y"],
            tolerances = new { y = new { atol = 0.01, rtol = 0 } },
        },
        new Dictionary<string, GoldenTensor> { ["y"] = new GoldenTensor([2, 4, 6 + error, 8], 4) });

    internal sealed class Doubler : IGoldenModule
    {
        public string Name => "doubler";

        public bool Supports(GoldenCase golden, out string? why)
        {
            why = golden.Config.Int("factor") == 2 ? null : "the factor is not 2";
            return why is null;
        }

        public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
            => new Dictionary<string, GoldenTensor>
            {
                ["y"] = new GoldenTensor(Array.ConvertAll(golden.Tensor("input.x").AsFloats(), x => 2 * x), 4),
            };
    }
}
