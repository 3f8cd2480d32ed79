using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

/// <summary>A safetensors file of a published model's full size whose elements are a hole in the disk: zeros that take no room.</summary>
internal static class HollowFile
{
    /// <summary>Writes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What its header lists.</param>
    public static void Write(string path, IEnumerable<ListedTensor> tensors)
    {
        JsonObject header = [];
        long offset = 0;
        foreach (ListedTensor tensor in tensors)
        {
            long end = offset + tensor.Type.ByteCount(tensor.Shape)!.Value;
            header.Add(tensor.Name, new JsonObject
            {
                ["dtype"] = tensor.Type.Spelling(),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(extent => (JsonNode)extent)]),
                ["data_offsets"] = new JsonArray(offset, end),
            });
            offset = end;
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        using FileStream file = File.Create(path);
        file.Write(length);
        file.Write(text);
        file.SetLength(length.Length + text.Length + offset);
    }
}
