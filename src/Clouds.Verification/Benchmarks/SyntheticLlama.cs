using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;

namespace Clouds.Verification.Benchmarks;

/// <summary>
/// A language model's file of any size without a language model: drawn codes in few bits, under a tokenizer of which each "a" is a token. Its answers mean
/// nothing and take as long as others.
/// </summary>
internal static class SyntheticLlama
{
    private const int Piece = 1 << 24;
    private const double Deviation = 0.02;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="form">How matrices are stored.</param>
    /// <param name="cancellation">Ends it; nothing is left behind.</param>
    public static void Write(string path, LlamaConfig config, BlockForm form, CancellationToken cancellation)
    {
        GraphBuilder g = new("language model");
        new LlamaNetwork(config, form).Build(g, g.Input("tokens", ElementType.Int64, [1, 1]));
        byte[] tokenizer = Encoding.UTF8.GetBytes(Tokenizer(config.Vocabulary));
        TensorDeclaration[] tensors = [.. g.Parameters.Select(Declared), new("tokenizer.json", WeightType.U8, [tokenizer.Length])];
        byte[] codes = new byte[Piece];
        RandomStream random = new(1, "synthetic");
        using SafetensorsWriter writer = new(path, tensors, new Dictionary<string, string>
        {
            ["clouds.language.matrices"] = $"int{form.Bits}{(form.Asymmetric ? " asymmetric" : "")}",
            ["config.json"] = Settings(config),
        });
        for (int i = 0; i < tensors.Length - 1; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            // ONNX Runtime keeps matrices once that are alike: no two are, though drawing all anew would take a minute.
            if (i % 256 == 0)
            {
                Draw(codes, random);
            }

            TensorPrimitives.Add<byte>(codes, 1, codes);
            TensorDeclaration tensor = tensors[i];
            Write(writer, tensor, codes, tensor.Name.StartsWith("lm_head", StringComparison.Ordinal) ? form.Head : form);
        }

        writer.Write("tokenizer.json", tokenizer);
        writer.Commit();
    }

    private static void Draw(byte[] codes, RandomStream random)
    {
        foreach (ref uint word in MemoryMarshal.Cast<byte, uint>(codes.AsSpan()))
        {
            word = random.NextUInt32();
        }
    }

    private static void Write(SafetensorsWriter writer, TensorDeclaration tensor, byte[] codes, BlockForm form)
    {
        // Codes are spread evenly over all values, so their deviation is the range over the root of 12.
        double scale = Deviation * Math.Sqrt(12) / (1 << form.Bits);
        byte[] block = tensor.Type switch
        {
            WeightType.U8 => codes,
            WeightType.F32 => Alike((float)(tensor.Name.EndsWith("scales", StringComparison.Ordinal) ? scale : 1)),
            _ => Alike((Half)Deviation),
        };
        for (long done = 0; done < tensor.Bytes; done += block.Length)
        {
            writer.Write<byte>(tensor.Name, block.AsSpan(0, (int)Math.Min(block.Length, tensor.Bytes - done)));
        }
    }

    private static byte[] Alike<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Piece];
        MemoryMarshal.Cast<byte, T>(bytes.AsSpan()).Fill(value);
        return bytes;
    }

    private static TensorDeclaration Declared(Parameter parameter) => new(parameter.Name, parameter.Type switch
    {
        ElementType.UInt8 => WeightType.U8,
        ElementType.Float16 => WeightType.F16,
        _ => WeightType.F32,
    }, parameter.Shape.Sizes);

    private static string Settings(LlamaConfig config) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["model_type"] = "llama", ["hidden_size"] = config.Width, ["num_hidden_layers"] = config.Layers, ["num_attention_heads"] = config.Heads,
        ["num_key_value_heads"] = config.KeyValueHeads, ["intermediate_size"] = config.FeedForward, ["vocab_size"] = config.Vocabulary,
        ["max_position_embeddings"] = config.Context, ["rms_norm_eps"] = config.Epsilon, ["rope_theta"] = config.RopeTheta,
    });

    private static string Tokenizer(int tokens)
    {
        Dictionary<string, int> vocabulary = Enumerable.Range(0, tokens).ToDictionary(id => id == 0 ? "a" : $"w{id}");
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model"] = new Dictionary<string, object> { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = Array.Empty<string>() },
        });
    }
}
