using System.Diagnostics;
using System.IO.Compression;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Tests.Graph.Weights.Torch;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights;

/// <summary>
/// Files of every container with bits flipped, bytes replaced, parts cut out, doubled and cut off. CLOUDS_FUZZ_INPUTS sets how many a container, for
/// long runs.
/// </summary>
[Kind(TestKind.Fast)]
public sealed class WeightFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Usual = 1500;

    // What reading may take besides: see PickleReader and ZipMembers.
    private const long FreeBytes = 20 << 20;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Containers { get; } = new("zip", "deflated", "script", "legacy", "pickle", "onnx", "safetensors");

    private static int Inputs => int.TryParse(Environment.GetEnvironmentVariable("CLOUDS_FUZZ_INPUTS"), out int inputs) ? inputs : Usual;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Containers))]
    public void Open_DamagedFile_IsReadOrRefused(string container)
    {
        byte[] whole = Whole(container);
        Random random = new(container.Length * 7919);
        string path = _folder[$"w.{container}"];
        (int read, int refused, long most, double longest) = (0, 0, 0, 0);
        for (int i = 0; i < Inputs; i++)
        {
            byte[] damaged = Damage(whole, random);
            File.WriteAllBytes(path, damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            bool opened = Try(path, i);
            longest = Math.Max(longest, watch.Elapsed.TotalSeconds);
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before - (2 * damaged.Length));
            (read, refused) = opened ? (read + 1, refused) : (read, refused + 1);
        }

        output.WriteLine($"{container}: {Inputs} inputs of {whole.Length} bytes, {read} read, {refused} refused, "
            + $"at most {most / 1024} KB beyond twice the file, {1000 * longest:0} ms");
        Assert.InRange(most, long.MinValue, FreeBytes);
        Assert.InRange(longest, 0, 10);
        Assert.True(refused > 0);
    }

    private static bool Try(string path, int input)
    {
        try
        {
            using WeightSource source = WeightSource.Open(path);
            foreach (TensorEntry tensor in source.Tensors.Values)
            {
                tensor.Slice(0, (int)Math.Min(tensor.Elements, 1000));
                tensor.Slice(Math.Max(0, tensor.Elements - 1000), (int)Math.Min(tensor.Elements, 1000));
            }

            return true;
        }
        catch (CloudsException e)
        {
            Assert.Equal(Failure.Weights, e.Failure);
            return false;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"input {input}: {e.GetType().Name}", e);
        }
    }

    private static byte[] Whole(string container)
    {
        byte[] value = Ordered(
            ("conv.weight", Tensor(Storage("Float", "0", 24), 0, [2, 3, 4], [12, 4, 1])), ("conv.t", Tensor(Storage("Float", "0", 24), 1, [4, 3], [1, 4])),
            ("n", Tensor(Storage("Long", "1", 1), 0, [], [])), ("nested", new object?[] { Tuple(1, "x", null), Call("torch._utils", "_rebuild_parameter",
                Tensor(Storage("Half", "2", 4), 0, [2, 2], [1, 2]), true, Call("collections", "OrderedDict")) }), ("epoch", 3));
        (string Key, byte[] Bytes)[] storages = [("0", TorchFile.Floats(24)), ("1", new byte[8]), ("2", new byte[8])];
        (string, byte[])[] members = [("a/data.pkl", Pickle(value)), .. storages.Select(storage => ($"a/data/{storage.Key}", storage.Bytes))];
        byte[] module = Made("__torch__.net", "Net", Dict(("w", Tensor(Storage("Float", "0", 24), 0, [24], [1]))));
        return container switch
        {
            "zip" => TorchFile.Zip(value, storages),
            "deflated" => TorchFile.Archive(members, CompressionLevel.Optimal),
            "script" => TorchFile.Archive([("n/data.pkl", Pickle(module)), ("n/data/0", storages[0].Bytes), ("n/constants.pkl", [1])]),
            "legacy" => TorchFile.Legacy(value, ("0", 24, storages[0].Bytes), ("1", 1, storages[1].Bytes), ("2", 4, storages[2].Bytes)),
            "pickle" => Pickle(Arrays(), 3),
            "onnx" => OnnxModelOf(),
            _ => Safetensors(),
        };
    }

    private static byte[] Arrays()
    {
        byte[] dtype = [.. Call("numpy", "dtype", "f4", false, true), .. Tuple(3, "<", null, null, null, -1, -1, 0), (byte)'b'];
        byte[] array =
            [.. Call("numpy.core.multiarray", "_reconstruct", Global("numpy", "ndarray"), Tuple(0), "b"),
                .. Tuple(1, Tuple(2, 3), dtype, true, (byte[])[(byte)'B', .. Int32(24), .. TorchFile.Floats(6)]), (byte)'b'];
        return Dict(("w", array), ("model", Dict(("v", array))));
    }

    private static byte[] OnnxModelOf()
    {
        TensorProto numbers = OnnxWeightsTests.Tensor("n", ElementType.Int64, 3);
        numbers.Int64Data.AddRange([1, -1, 300]);
        TensorProto floats = OnnxWeightsTests.Tensor("f", ElementType.Float, 4);
        floats.FloatData.AddRange([1, 2, 3, 4]);
        return OnnxWeightsTests.Model(OnnxWeightsTests.Raw("w", ElementType.Float, [2, 3], TorchFile.Floats(6)), numbers, floats);
    }

    private static byte[] Safetensors()
    {
        byte[] header = """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"U8","shape":[8],"data_offsets":[24,32]}} """u8.ToArray();
        return [.. Int64(header.Length), .. header, .. TorchFile.Floats(8)];
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        List<byte> bytes = [.. whole];
        for (int times = random.Next(1, 4); times > 0 && bytes.Count > 4; times--)
        {
            int place = random.Next(bytes.Count), count = random.Next(1, Math.Min(64, bytes.Count - place) + 1);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(place, bytes.Count - place);
                    break;
                case 1:
                    bytes.RemoveRange(place, count);
                    break;
                case 2:
                    bytes.InsertRange(place, bytes.GetRange(place, count));
                    break;
                case 3:
                    bytes[place] = (byte)random.Next(256);
                    break;
                default:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes.DefaultIfEmpty((byte)0)];
    }
}
