using Clouds.Native.Images;
using Clouds.Training.Tracking;

namespace Clouds.Tests.Training.Tracking;

/// <summary>Event files in the hands of other people's programs.</summary>
[Kind(TestKind.Fast)]
public sealed class ForeignReaderTests : IDisposable
{
    // The published messages, as far as they are used.
    private const string Published = """
        syntax = "proto3";
        package tensorflow;
        message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
        message Summary {
          message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
          message Value { string tag = 1; oneof value { float simple_value = 2; Image image = 4; } }
          repeated Value value = 1;
        }
        """;

    private const string Accumulate = """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        events = EventAccumulator(sys.argv[1]).Reload()
        print([(one.step, one.value) for one in events.Scalars('train/loss')])
        print([(one.step, one.width, one.height) for one in events.Images('validation/one')])
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ForeignReaderFact("protoc")]
    public void Message_ReadByGooglesCompiler_SaysWhatWasWritten()
    {
        File.WriteAllText(_folder["event.proto"], Published);
        KeyValuePair<string, double>[] numbers = [KeyValuePair.Create("train/loss", 2.5), KeyValuePair.Create("train/learningRate", 0.125)];
        Assert.Equal(
            "wall_time: 12.5 step: 70000 summary { value { tag: \"train/loss\" simple_value: 2.5 } "
            + "value { tag: \"train/learningRate\" simple_value: 0.125 } }",
            Decoded(EventMessage.Scalars(12.5, 70_000, numbers)));
        Assert.Equal(
            "wall_time: 3 step: 1 summary { value { tag: \"validation/one\" image { height: 2 width: 300 colorspace: 3 encoded_image_string: \"png\" } } }",
            Decoded(EventMessage.Image(3, 1, "validation/one", 300, 2, "png"u8)));
        Assert.Equal("wall_time: 1 file_version: \"brain.Event:2\"", Decoded(EventMessage.Version(1)));
    }

    [ForeignReaderFact("tensorboard")]
    public void File_ReadByTensorBoard_HasItsNumbersAndPictures()
    {
        string path = _folder["run/events.out.tfevents.clouds"];
        Directory.CreateDirectory(_folder["run"]);
        using (EventFile file = EventFile.Open(path))
        {
            file.Add(1, [KeyValuePair.Create("train/loss", 2.5)]);
            file.Add(2, [KeyValuePair.Create("train/loss", 1.25)]);
            file.AddImage(2, "validation/one", 21, 13, ImageFile.EncodePng(Pictures.Noise(21, 13)));
        }

        (int exitCode, string text) = ForeignReaderFactAttribute.Run("python3", "", "-c", Accumulate, _folder["run"]);
        Assert.Equal(0, exitCode);
        Assert.Equal(["[(1, 2.5), (2, 1.25)]", "[(2, 21, 13)]"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string Decoded(byte[] message)
    {
        File.WriteAllBytes(_folder["message"], message);
        (int exitCode, string text) = ForeignReaderFactAttribute.Run(
            ForeignReaderFactAttribute.Protoc!, _folder["message"], "--decode=tensorflow.Event", $"--proto_path={_folder.Path}", _folder["event.proto"]);
        Assert.Equal(0, exitCode);
        return string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }
}
