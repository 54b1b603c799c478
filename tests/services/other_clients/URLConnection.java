// Java, HttpURLConnection: GET, then POST, on one connection. Prints the status of the answer, or the error.
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

class URLConnection {
    static int send(String path, String body) throws IOException {
        var call = (HttpURLConnection) new URL(System.getenv("ALTEGIO_BASE_URL") + path).openConnection();
        call.setRequestProperty("Authorization", "Bearer " + System.getenv("ALTEGIO_PARTNER_TOKEN"));
        call.setRequestProperty("Accept", "application/vnd.api.v2+json");
        call.setRequestProperty("Content-Type", "application/json");
        if (body != null) {
            call.setDoOutput(true);
            call.getOutputStream().write(body.getBytes());
        }
        var status = call.getResponseCode();
        try (InputStream answer = status < 400 ? call.getInputStream() : call.getErrorStream()) {
            answer.readAllBytes();
        }
        return status;
    }

    public static void main(String[] arguments) throws IOException {
        send("/api/v1/countries", null);
        try {
            System.out.println(send(arguments[0], arguments[1]));
        } catch (IOException error) {
            System.out.println("error: " + error.getMessage());
        }
    }
}
