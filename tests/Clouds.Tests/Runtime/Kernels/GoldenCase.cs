using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>A folder below tests/golden: case.json and io.safetensors.</summary>
internal sealed class GoldenCase
{
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _data;

    public GoldenCase(string path)
    {
        string folder = Path.Combine(Repository.Root, "tests", "golden", path);
        Json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json"))).RootElement;
        _bytes = File.ReadAllBytes(Path.Combine(folder, "io.safetensors"));
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, length)).RootElement;
        _data = 8 + length;
    }

    public JsonElement Json { get; }

    public JsonElement Config => Json.GetProperty("config");

    public Pinned<float> Floats(string name) => new(Tensor<float>(name));

    public ReadOnlySpan<T> Tensor<T>(string name)
        where T : unmanaged
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        int start = offsets[0].GetInt32();
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(_data + start, offsets[1].GetInt32() - start));
    }

    public void Check(string name, ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        JsonElement tolerance = Json.GetProperty("tolerances").GetProperty(name);
        double atol = tolerance.GetProperty("atol").GetDouble();
        double rtol = tolerance.GetProperty("rtol").GetDouble();
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.True(Math.Abs(found[i] - expected[i]) <= atol + (rtol * Math.Abs(expected[i])), $"{name}[{i}]: found {found[i]}, expected {expected[i]}");
        }
    }
}
