using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Compilation;

namespace Clouds.Native.Sam;

/// <content>What a cache of embeddings has to know.</content>
public sealed partial class SegmentAnything
{
    /// <summary>Numbers of an embedding.</summary>
    internal int EmbeddingElements => _model.Config.Encoder.Channels * _model.Config.Encoder.Grid * _model.Config.Encoder.Grid;

    /// <summary>
    /// What an embedding's last bits depend on besides weights and image: this program's version, and the processor's instructions or the GPU and how it is
    /// told to compute. Not on the number of threads.
    /// </summary>
    internal string Arithmetic
    {
        get
        {
            string? version = typeof(SegmentAnything).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            string where = _device.TensorGpu is Gpu gpu
                ? $"{gpu.Name}, {_options.Cuda}"
                : $"{RuntimeInformation.ProcessArchitecture}, {Avx.IsSupported}, {Fma.IsSupported}, {Avx2.IsSupported}, {Avx512F.IsSupported}";
            return $"{version}, {_device.Name.Kind}, {where}";
        }
    }

    /// <summary>Itself as the refinement of labels asks it, with images embedded by somebody in front of it.</summary>
    internal IMaskPredictor PredictorWith(Func<RgbImage, CancellationToken, ImageEmbedding> embed) =>
        new SamPredictor(this, _device, exported: _options.Decoder is not null, embed);

    /// <summary>An embedding that it has made before, of the same image.</summary>
    internal ImageEmbedding Remembered(RgbImage image, string digest, float[] values)
    {
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        return new ImageEmbedding(this, image.Width, image.Height, digest, values);
    }
}
