// Jenkinsfile: the credential `headroom` is a token of the desk; DIGEST comes from the build
pipeline {
  agent any
  environment {
    HEADROOM_URL = '@URL@'
    HEADROOM_SERVICE = '@SERVICE@'
    HEADROOM_ENVIRONMENT = '@ENVIRONMENT@'
    HEADROOM_TOKEN = credentials('headroom')
    HEADROOM_OUTPUT = 'headroom.env'
  }
  stages {
    stage('Ask the gate') {
      steps {
        sh '''
          rm -f headroom.env
          curl -fsS -o headroom "$HEADROOM_URL/headroom"
          curl -fsS "$HEADROOM_URL/headroom.sha256" | sha256sum --check --quiet
          python3 headroom evaluate --class @CLASS@ --digest "$DIGEST"
        '''
      }
    }
    stage('Deploy') {
      steps {
        sh '''
          . ./headroom.env
          python3 headroom report started --change "$change" --digest "$DIGEST"
          ./deploy.sh "$DIGEST"
        '''
      }
      post {
        success {
          sh '. ./headroom.env; python3 headroom report succeeded --change "$change" --deployment "$deployment"'
        }
        failure {
          sh '. ./headroom.env; python3 headroom report failed --change "$change" --deployment "${deployment:-1}"'
        }
      }
    }
  }
}
