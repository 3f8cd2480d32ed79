using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// Connected components of many label maps, 4- and 8-connected. The case.json has a form of its own: it lists the maps, and gives the labels of
/// large maps as hashes, which are compared as 32 whole numbers under the name `hash of MAP.labels4`.
/// </summary>
internal sealed class ConnectedComponentsModule : IGoldenModule
{
    public string Name => "connected_components";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = golden.Json.TryGetProperty("cases", out JsonElement maps) && maps.ValueKind == JsonValueKind.Array ? null : "a case.json without a list of maps";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        Dictionary<string, GoldenTensor> outputs = [];
        using MapLabeller labeller = new(device);
        foreach (JsonElement map in golden.Json.GetProperty("cases").EnumerateArray())
        {
            cancellation.ThrowIfCancellationRequested();
            string name = map.GetProperty("name").GetString()!;
            bool binary = map.GetProperty("kind").GetString()!.StartsWith("binary", StringComparison.Ordinal);
            foreach (Connectivity connectivity in Enum.GetValues<Connectivity>())
            {
                Label(golden, labeller, name, new ComponentRule(connectivity, Excluded: binary ? [0] : null), outputs);
            }
        }

        return outputs;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Expected(GoldenCase golden)
    {
        Dictionary<string, GoldenTensor> expected = golden.TensorNames.Where(name => !name.EndsWith(".map", StringComparison.Ordinal))
            .ToDictionary(name => name, golden.Tensor);
        foreach (JsonProperty hash in golden.Json.GetProperty("label_hashes").EnumerateObject())
        {
            expected[HashName(hash.Name)] = Hash(Convert.FromHexString(hash.Value.GetString()!));
        }

        return expected;
    }

    private static string HashName(string labels) => $"hash of {labels}";

    private static GoldenTensor Hash(byte[] hash) => new(Array.ConvertAll(hash, part => (long)part), hash.Length);

    private static void Label(GoldenCase golden, MapLabeller labeller, string name, ComponentRule rule, Dictionary<string, GoldenTensor> outputs)
    {
        GoldenTensor map = golden.Tensor($"{name}.map");
        byte[] classes = Array.ConvertAll(map.AsIntegers(), value => (byte)value);
        labeller.Run(classes, (int)map.Shape[0], (int)map.Shape[1], rule);
        Component[] table = labeller.Table;
        int[] numbers = Numbers(table);
        int[] labels = Array.ConvertAll(labeller.Labels, row => row < 0 ? 0 : numbers[row]);

        int neighbours = rule.Connectivity == Connectivity.Four ? 4 : 8;
        outputs[$"{name}.labels{neighbours}"] = new GoldenTensor(Array.ConvertAll(labels, label => (long)label), map.Shape);
        outputs[$"{name}.sizes{neighbours}"] = new GoldenTensor([.. table.Select(component => (long)component.Area)], table.Length);
        outputs[HashName($"{name}.labels{neighbours}")] = Hash(SHA256.HashData(MemoryMarshal.AsBytes(labels.AsSpan())));
    }

    /// <summary>Each component's number within its class, from 1.</summary>
    private static int[] Numbers(Component[] table)
    {
        int[] numbers = new int[table.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i > 0 && table[i - 1].Class == table[i].Class ? numbers[i - 1] + 1 : 1;
        }

        return numbers;
    }
}
